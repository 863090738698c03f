#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "ravine/base/matrix_view.hpp"
#include "ravine/objective/measurement_ensemble.hpp"

namespace ravine {

/// What is to be recovered and what is known of it.
struct SensingInstance {
  MeasurementEnsemble ensemble;
  std::vector<double> values;             ///< y, m numbers
  std::vector<double> truth;              ///< X*, (d, d); empty when unknown
  std::vector<double> truth_eigenvalues;  ///< of X*, decreasing; empty when unknown
  double sigma_1 = 0;                     ///< spectral norm of X*, or its estimate
  bool sigma_1_estimated = false;

  std::size_t dimension() const { return ensemble.dimension(); }
  bool has_truth() const { return !truth.empty(); }
};

enum class TruthEntries { gaussian, uniform };

/// A random instance: U* with N(0, 1) or U(0, 1) entries, or with a condition number K an X* whose
/// eigenvalues are spaced evenly from 1 down to 1/K over a random orthonormal basis; A_i with N(0,
/// 1) entries, y_i = <A_i, X*> plus noise N(0, noise^2).
struct RandomSensingConfig {
  std::size_t dimension = 100;
  std::size_t true_rank = 5;
  std::size_t measurements = 5000;
  TruthEntries truth_entries = TruthEntries::gaussian;
  double noise = 0;
  std::uint64_t seed = 1234;
  std::optional<double> condition_number = {};  ///< K; replaces truth_entries
};

SensingInstance random_instance(const RandomSensingConfig& config, ThreadTeam& team);

/// U* of random_instance: (d, true_rank).
std::vector<double> random_truth_factor(const RandomSensingConfig& config);

/// An instance from the user's .npy files: A as (m, d, d) or svec rows (m, p); y as (m); X* as (d,
/// d). Throws IoError, and DataError naming the file for wrong shapes, values that are not finite,
/// and a truth that is not symmetric.
SensingInstance read_instance(const std::filesystem::path& measurement_file,
                              const std::filesystem::path& value_file,
                              const std::optional<std::filesystem::path>& truth_file,
                              ThreadTeam& team);

/// D = 1/m sum_i y_i S_i, (d, d). For Gaussian measurements E D = X*, so its leading eigenpairs
/// estimate those of X* (spectral initialisation, Tu et al. 2016).
std::vector<double> back_projection(const SensingInstance& instance, ThreadTeam& team);

/// U with U U^T = the best positive semidefinite rank-R approximation of a symmetric (d, d) matrix.
std::vector<double> spectral_factor(MatrixView<const double> matrix, std::size_t rank);

}  // namespace ravine
