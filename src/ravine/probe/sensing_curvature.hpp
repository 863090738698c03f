#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ravine {

/// What theory says of the Hessian of matrix sensing at its critical points; derived in
/// docs/mathematics.md. X* = sum_i sigma_i q_i q_i^T is (d, d) with `sigma` its nonzero
/// eigenvalues, decreasing; U has `columns` columns.
///
/// The critical points of the population loss are U = sum over kept i of sqrt(sigma_i) q_i o_i^T
/// for a subset of the eigenpairs of X* and orthonormal o_i, and there are no others. 0 keeps none,
/// the global minima keep all; all between are strict saddles once columns >= rank.

/// All d * columns eigenvalues of the population Hessian at the critical point that keeps the
/// eigenpairs flagged in `kept`, increasing. Throws ShapeError unless there is a flag for every
/// eigenvalue, at most `dimension` eigenvalues and at most `columns` of them kept.
std::vector<double> population_curvatures(std::span<const double> sigma,
                                          const std::vector<bool>& kept, std::size_t dimension,
                                          std::size_t columns);

/// A closed interval.
struct Range {
  double low = 0;
  double high = 0;
  bool contains(double x) const { return low <= x && x <= high; }
};

/// Where the ends of the Hessian's spectrum lie.
struct CurvatureRanges {
  Range smallest;
  Range largest;
};

/// Where they lie for the loss of `measurements` Gaussian measurements without noise at a global
/// minimum U U^T = X* with columns = rank: there the Hessian is a sample covariance matrix, whose
/// deviation from the population's is bounded by Davidson and Szarek (2001, Theorem II.13); fails
/// with probability below 2 exp(-8) = 0.07 %.
CurvatureRanges sampled_curvature_at_truth(std::span<const double> sigma, std::size_t dimension,
                                           std::size_t measurements);

/// The same at U = 0, where the Hessian is a Gaussian perturbation of the population's; fails with
/// probability below 4 exp(-8).
CurvatureRanges sampled_curvature_at_zero(std::span<const double> sigma, std::size_t dimension,
                                          std::size_t measurements);

}  // namespace ravine
