#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ravine/optimizer/rule_catalogue.hpp"
#include "ravine/study/instance_choice.hpp"
#include "ravine/study/sensing_operator.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

/// gaussian: U_0 = alpha W, W with N(0, 1) entries, the same W for every alpha. spectral: U_0 =
/// alpha times the factor of the back-projection. saddle: alpha W added to a saddle of the
/// population loss, the factor of X* without the least of its eigenpairs. file: alpha times the
/// user's U_0. aligned: alpha times the R leading eigenvectors of X*, so that the modes of U are
/// those of X* from the start.
enum class Start { gaussian, spectral, saddle, aligned, file };

/// Recovers a low-rank matrix from linear measurements by descent on its factor, from one or
/// several starts at once.
struct SenseConfig : InstanceChoice {
  std::optional<std::string> initial_file;  ///< implies Start::file
  std::size_t rank = 5;                     ///< R, columns of U
  Start start = Start::gaussian;
  std::vector<double> alphas;  ///< empty: 0.1 for the Gaussian start, 1e-3 for a saddle, else 1
  RuleChoice rule{"gd", {}};   ///< one of sensing_rules()
  std::optional<double> step;  ///< c, in the rule's StepUnit; none: the rule's default
  std::optional<double> learning_rate;  ///< eta; replaces `step`
  std::int64_t iterations = 1000;
  double target_error = 0;           ///< stop a start at this relative error; 0: off
  double gradient_tolerance = 0;     ///< and at this gradient norm over sigma_1^(3/2); 0: off
  std::size_t singular_values = 10;  ///< largest ones recorded; 0: none
  std::int64_t singular_values_every = 1;
  std::int64_t sharpness_every = 0;           ///< iterations between measurements; 0: none
  std::optional<OperatorKind> operator_kind;  ///< none: the one of less predicted time
  bool minimum_norm = false;                  ///< also solve for the minimum-norm matrix
  bool trace_minimisation = false;            ///< and for the semidefinite one of least trace
  bool diagnose_operator = false;             ///< also measure isometry and condition
  bool theory = false;  ///< record the modes of U beside their predictions; gradient descent only

  friend bool operator==(const SenseConfig&, const SenseConfig&) = default;
};

/// Throws ConfigError naming every violation.
void check(const SenseConfig& config);

/// The resolved options of a run, for the manifest.
Json configuration_json(const SenseConfig& config, const SensingInstance& instance);

/// Writes what docs/run-folder.md lists for kind `sense`, but for figures and report. Throws
/// ConfigError, ShapeError, DataError, IoError; divergence is an outcome: of the run, when any
/// start diverged.
StudyOutcome run_sense(const SenseConfig& config, const StudyContext& context);

std::string_view name_of(Start start);

}  // namespace ravine
