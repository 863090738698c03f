#pragma once

#include <cstddef>
#include <vector>

#include "ravine/study/sensing_instance.hpp"

namespace ravine {

/// Throws ConfigError unless m is less than the number of unknowns, so that there is a choice, and
/// at most 10,000: the Gram matrix of the measurements is dense.
void demand_trace_choice(const MeasurementEnsemble& ensemble);

/// The positive semidefinite X of least trace with <A_i, X> = y_i for all i: the convex relaxation
/// of the least rank (Recht, Fazel and Parrilo 2010).
struct TraceMinimisation {
  std::vector<double> x;         ///< (d, d), the last w
  double relative_residual = 0;  ///< |w - x| / |w| of the last iteration
  int iterations = 0;
};

/// Douglas-Rachford splitting (Lions and Mercier 1979) between the trace on semidefinite matrices
/// and the affine space of the measurements: with P the projection onto that space, by a Cholesky
/// factorisation of A A^T, and S(V) the matrix V with gamma taken from its eigenvalues and negative
/// ones set to zero,
///   x = P(z),   w = S(2 x - z),   z <- z + w - x,
/// until |w - x| <= tolerance |w|. For what demand_trace_choice() allows.
TraceMinimisation minimise_trace(const SensingInstance& instance, double tolerance,
                                 int max_iterations, ThreadTeam& team);

}  // namespace ravine
