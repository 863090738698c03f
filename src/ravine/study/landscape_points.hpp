#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/probe/critical_point.hpp"
#include "ravine/probe/sensing_curvature.hpp"
#include "ravine/study/sensing_instance.hpp"
#include "ravine/study/sensing_operator.hpp"

namespace ravine {

/// A random instance without noise, with the factor of its truth.
struct LandscapeProblem {
  SensingInstance instance;
  std::size_t rank = 0;              ///< of X*, and columns of U
  std::vector<double> truth_factor;  ///< U*, (d, rank)
  std::vector<double> sigma;         ///< the nonzero eigenvalues of X*, decreasing
  std::vector<double> eigenfactor;   ///< [sqrt(sigma_1) q_1, ...], q_k its eigenvectors, (d, rank)

  std::size_t dimension() const { return instance.dimension(); }
};

/// The units of the problem: gradients in sigma_1^(3/2), curvatures in sigma_1. A millionth of them
/// counts as zero: descents end at 1e-8, which moves eigenvalues by as little, and rounding is
/// smaller still, while no gradient or eigenvalue that theory calls nonzero comes near it.
PointTolerances tolerances_of(const LandscapeProblem& problem);

/// The two losses whose points are examined.
enum class LossKind { population, sampled };
std::string_view name_of(LossKind kind);

/// The loss, of one member with the block (d, rank); the sampled one by the operator that is
/// quicker for about that many evaluations. Problem and team must outlive it.
MatrixSensing loss_of(const LandscapeProblem& problem, LossKind kind, std::int64_t evaluations,
                      ThreadTeam& team);

/// A point with what theory says of it.
struct LandscapePoint {
  std::string name;
  std::vector<double> u;  ///< (d, rank)
  PointKind expected = PointKind::undecided;
  /// Smallest and largest Hessian eigenvalue of the population loss; none where no formula has it.
  std::optional<Range> expected_curvature;
  /// Where theory puts the ends of the spectrum of this loss; none where it does not say.
  std::optional<CurvatureRanges> allowed_curvature;
};

/// 0, named "0".
LandscapePoint zero_point(const LandscapeProblem& problem, LossKind kind);

/// A global minimum u, U U^T = X*.
LandscapePoint minimum_point(const LandscapeProblem& problem, LossKind kind, std::string name,
                             std::vector<double> u);

/// A saddle u at, or for the sampled loss near, the best approximation of X* of rank `kept`, less
/// than the rank of X*: "best rank 1" and so on.
LandscapePoint saddle_point(const LandscapeProblem& problem, LossKind kind, std::size_t kept,
                            std::vector<double> u);

/// A random point of about the size of U*, "random"; expected not to be critical.
LandscapePoint random_point(const LandscapeProblem& problem, std::uint64_t seed);

/// The factor of the best approximation of X* of rank `kept` with zeros in its other columns.
std::vector<double> truncated_factor(const LandscapeProblem& problem, std::size_t kept);

/// A random factor of about the size of U*, a function of (seed, name).
std::vector<double> random_factor(const LandscapeProblem& problem, std::uint64_t seed,
                                  std::string_view name);

}  // namespace ravine
