#pragma once

#include <vector>

#include "ravine/study/sensing_instance.hpp"

namespace ravine {

/// The convex relaxation of low-rank recovery: the positive semidefinite X of least trace with
///   A(X) = y, in the sense of least squares where the measurements contradict each other
/// (Fazel 2002; Recht, Fazel and Parrilo 2010). With g = A^T lambda, lambda the multipliers,
///   X+ = the nearest semidefinite matrix to X - tau (I + g),
///   g+ = g + sigma A^T (A (2 X+ - X) - y),
/// and both moved by rho times that step: the primal-dual form of Douglas-Rachford splitting, the
/// same where A A^T = I / (tau sigma) (Chambolle and Pock 2011, relaxed as in Condat 2013). One
/// eigendecomposition and one pass an iteration; nothing of A is factored or stored.
///
/// No semidefinite matrix need fit noisy measurements; the iterates then do not converge.
struct TraceMinimisationSolution {
  std::vector<double> x;         ///< (d, d), semidefinite
  double relative_residual = 0;  ///< |A^T (A x - y)| / |A^T y|
  double dual_residual = 0;      ///< |I + A^T lambda - S| / |I|, S >= 0 and <S, x> = 0
  int iterations = 0;
  bool converged = false;  ///< both residuals at most the tolerance
};

TraceMinimisationSolution trace_minimisation(const SensingInstance& instance, double tolerance,
                                             int max_iterations, ThreadTeam& team);

}  // namespace ravine
