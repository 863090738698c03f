#pragma once

#include <vector>

#include "ravine/study/sensing_instance.hpp"

namespace ravine {

/// The symmetric X of least Frobenius norm with <A_i, X> = y_i for all i (least squares when they
/// contradict): the answer of a method without any bias towards low rank. Conjugate gradients on
/// the normal equations from zero, which stay in the row space of the measurements and so end at
/// the least norm; one pass an iteration.
struct MinimumNormSolution {
  std::vector<double> x;         ///< (d, d)
  double relative_residual = 0;  ///< |A^T (A x - y)| / |A^T y|
  int iterations = 0;
};

MinimumNormSolution minimum_norm_solution(const SensingInstance& instance, double tolerance,
                                          int max_iterations, ThreadTeam& team);

}  // namespace ravine
