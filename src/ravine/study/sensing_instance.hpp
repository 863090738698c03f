#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "ravine/base/matrix_view.hpp"
#include "ravine/objective/random_ensemble.hpp"

namespace ravine {

/// What is to be recovered and what is known of it.
struct SensingInstance {
  MeasurementEnsemble ensemble;
  std::vector<double> values;             ///< y, m numbers
  std::vector<double> truth;              ///< X*, (d, d); empty when unknown
  std::vector<double> truth_eigenvalues;  ///< of X*, decreasing; empty when unknown
  bool truth_fits = false;                ///< X* is known and has the values y, without noise
  double sigma_1 = 0;                     ///< spectral norm of X*, or its estimate
  bool sigma_1_estimated = false;
  double trace = 0;  ///< of the positive semidefinite part of X*, or its estimate

  std::size_t dimension() const { return ensemble.dimension(); }
  bool has_truth() const { return !truth.empty(); }

  /// What sigma_1 is to isotropic measurements: the mean loss has at X* no curvature above 4 times
  /// this. square sigma_1 + trace tr(X*), by the second moment of the measurements.
  double curvature_scale() const {
    const SecondMoment& moment = ensemble.second_moment();
    return moment.square * sigma_1 + moment.trace * trace;
  }
  /// Nothing is measured: X* is observed whole, and the loss is the population loss.
  bool is_population() const { return ensemble.count() == 0; }
  /// How many eigenvalues of X* are positive beyond rounding; 0 when X* is unknown.
  std::size_t true_rank() const;
  MatrixView<const double> truth_view() const { return {truth.data(), dimension(), dimension()}; }
};

enum class TruthEntries { gaussian, uniform };

/// A random instance: U* with N(0, 1) or U(0, 1) entries, or with a condition number K an X* whose
/// eigenvalues are spaced evenly from 1 down to 1/K over a random orthonormal basis; A_i of a
/// random ensemble, y_i = <A_i, X*> plus noise N(0, noise^2).
struct RandomSensingConfig {
  EnsembleKind ensemble = EnsembleKind::gaussian;
  std::size_t dimension = 100;
  std::size_t true_rank = 5;
  std::size_t measurements = 5000;  ///< 0: X* itself is observed
  TruthEntries truth_entries = TruthEntries::gaussian;
  double noise = 0;
  std::uint64_t seed = 1234;
  std::optional<double> condition_number = {};  ///< K; replaces truth_entries

  friend auto operator<=>(const RandomSensingConfig&, const RandomSensingConfig&) = default;
};

SensingInstance random_instance(const RandomSensingConfig& config, ThreadTeam& team);

/// U* of random_instance: (d, true_rank).
std::vector<double> random_truth_factor(const RandomSensingConfig& config);

/// The user's .npy files.
struct InstanceFiles {
  /// A as (m, d, d) or svec rows (m, p), taken for isotropic, E <A, X>^2 = |X|_F^2, where scales
  /// are estimated; or, for rank_one, the vectors of a_i a_i^T as (m, d), taken for normal.
  std::filesystem::path measurements;
  std::filesystem::path values;                ///< y as (m)
  std::optional<std::filesystem::path> truth;  ///< X* as (d, d)
  EnsembleKind kind = EnsembleKind::gaussian;  ///< or rank_one
  /// A measurement file of so many bytes or more is mapped instead of read, where map_npy() can.
  std::uintmax_t mapped_from = std::uintmax_t{1} << 30;
};

/// Throws IoError, and DataError naming the file for wrong shapes, values that are not finite, and
/// a truth that is not symmetric or has an eigenvalue below -1e-6 sigma_1.
SensingInstance read_instance(const InstanceFiles& files, ThreadTeam& team);

/// The instance's truth, X*, (d, d), with what follows from it.
void set_truth(SensingInstance& instance, std::vector<double> truth);

/// sigma_1 and the trace as those of the back-projection.
void estimate_scale(SensingInstance& instance, ThreadTeam& team);

/// D = 1/m sum_i y_i S_i, (d, d), or X* when it is observed whole: grad f(U) = -2 D U + O(|U|^3).
std::vector<double> adjoint_at_zero(const SensingInstance& instance, ThreadTeam& team);

/// The estimate of X* by the measurements' adjoint, (d, d). With D = adjoint_at_zero() and E <A,
/// X>^2 = nu |X|_F^2 + tau tr(X)^2 it is (D - tau t I) / nu, t = tr(D) / (nu + tau d); its mean is
/// X* without noise, so its leading eigenpairs estimate those of X* (spectral initialisation, Tu et
/// al. 2016; of a a^T, Candes, Li and Soltanolkotabi 2015).
std::vector<double> back_projection(const SensingInstance& instance, ThreadTeam& team);

/// The largest eigenvalues of a symmetric matrix, decreasing, with their eigenvectors.
struct Eigenpairs {
  std::vector<double> values;   ///< k
  std::vector<double> vectors;  ///< (k, d), orthonormal rows
};

/// matrix: (d, d), symmetric; count <= d.
Eigenpairs leading_eigenpairs(MatrixView<const double> matrix, std::size_t count);

/// U with U U^T = the best positive semidefinite rank-R approximation of a symmetric (d, d) matrix.
std::vector<double> spectral_factor(MatrixView<const double> matrix, std::size_t rank);

}  // namespace ravine
