#pragma once

#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "ravine/record/run_record.hpp"
#include "ravine/report/power_law.hpp"

namespace ravine::report {

/// What became of one alpha; NaN where the run has no such number.
struct MemberFindings {
  double alpha = 0.0;
  std::string termination;
  std::string message;
  double iterations = 0.0;
  double start_loss = 0.0;
  double start_error = NAN;  // relative
  double start_size = NAN;   // largest eigenvalue of UU^T at the start, over that of X*
  double loss = 0.0;
  double gradient_norm = 0.0;
  double relative_error = 0.0;
  std::array<double, 3> iterations_to{};  // relative error 1e-3, 1e-6, 1e-10
  double log10_rate = 0.0;    // change of log10 of the error per iteration on its straight part
  double last_wanted = NAN;   // singular value r of U at the end, r the rank of X*
  double first_beyond = NAN;  // singular value r + 1 at the end
  double first_beyond_start = NAN;  // and at the start
  double entropy_rank = NAN;        // at the end
  double stable_rank = NAN;         // at the end
  bool settled = false;             // X* was learned, and the error changed no more at the end
};

/// What a `sense` run says, in numbers; NaN where the run has none.
struct SenseFindings {
  std::string rule = "gd";            // the step rule
  std::string ensemble = "gaussian";  // of the measurements
  bool own_measurements = false;      // from a file
  std::string start = "gaussian";     // the kind of start
  double dimension = 0.0;
  double rank = 0.0;              // columns of U
  double true_rank = 0.0;         // 0 when X* is not known
  double condition_number = 0.0;  // of X*: its largest over its smallest non-zero singular value
  bool chosen_condition = false;  // the condition number was an option
  double measurements = 0.0;
  double unknowns = 0.0;
  double truth_entropy_rank = NAN;  // of a U with UU^T = X*
  double truth_stable_rank = NAN;   // likewise
  double step = 0.0;
  double iterations = 0.0;
  double minimum_norm_error = 0.0;
  double trace_minimisation_error = 0.0;
  bool trace_minimisation_converged = true;
  std::vector<MemberFindings> members;  // in the order of the run
  // Of the starts that settled; none where they are fewer than three or no power law fits them.
  std::optional<PowerLaw> error_law;   // of the final error
  std::optional<PowerLaw> beyond_law;  // of singular value r + 1
};

/// Throws DataError when the manifest or a table lacks what the format promises.
SenseFindings sense_findings(const RunRecord& run);

/// A loss that is zero but for rounding, of the start's.
constexpr double kZeroSenseLoss = 1e-12;

/// The members that did not diverge and whose loss fell to `share` of its start or less.
std::vector<MemberFindings> fitted_members(const SenseFindings& findings,
                                           double share = kZeroSenseLoss);

/// Whether fewer numbers were measured than the matrix has unknowns.
bool is_underdetermined(const SenseFindings& findings);

/// The members that settled.
std::vector<MemberFindings> settled_members(const SenseFindings& findings);

/// The findings as sentences in HTML.
std::vector<std::string> sentences_of(const SenseFindings& findings);

}  // namespace ravine::report
