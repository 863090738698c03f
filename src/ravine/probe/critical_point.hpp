#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "ravine/kernels/vector_ops.hpp"
#include "ravine/probe/hessian_spectrum.hpp"

namespace ravine {

/// What a point of a loss is, from its gradient and the ends of its Hessian's spectrum.
enum class PointKind {
  minimum,        ///< critical, no way down at second order: a second-order stationary point
  strict_saddle,  ///< critical, with a direction of negative curvature; maxima are among them
  not_critical,   ///< the gradient is not zero
  undecided,      ///< critical, but the Hessian's smallest eigenvalue was not found
};

/// "minimum", "strict saddle", "not critical" or "undecided".
std::string_view name_of(PointKind kind);

/// When a number counts as zero. The scales carry the units of the loss's problem, the tolerances
/// none.
struct PointTolerances {
  double gradient_scale = 1;   ///< of gradient norms
  double curvature_scale = 1;  ///< of Hessian eigenvalues
  double gradient = 1e-6;      ///< critical: gradient norm <= this times the scale
  double curvature = 1e-6;     ///< negative: eigenvalue < minus this times the scale
};

/// A point as measured.
struct PointExamination {
  double loss = std::numeric_limits<double>::quiet_NaN();
  double gradient_norm = std::numeric_limits<double>::quiet_NaN();
  double relative_gradient_norm = std::numeric_limits<double>::quiet_NaN();  ///< over the scale
  SpectrumEnds curvature;
  PointKind kind = PointKind::undecided;
};

/// A negative eigenvalue is proved by its residual, converged or not; that there is none is
/// believed of a converged computation only. A gradient that is not finite is not zero.
PointKind kind_of_point(double gradient_norm, const SpectrumEnds& curvature,
                        const PointTolerances& tolerances);

/// Examines one point of an objective with one member, on the mini-batch of `step`.
/// point: (layout().size()). Throws ShapeError or ConfigError.
template <DoubleTwiceDifferentiable O>
PointExamination examine_point(O& objective, std::span<const double> point,
                               const PointTolerances& tolerances, const EigenOptions& options = {},
                               std::int64_t step = 0) {
  check_point("critical_point", objective.layout(), point);
  const PointClaim claim = claim_at(objective, point, step);
  PointExamination result;
  result.loss = claim.losses.front();
  result.gradient_norm = std::sqrt(squared_norm(std::span<const double>(claim.gradient)));
  result.relative_gradient_norm = result.gradient_norm / tolerances.gradient_scale;
  result.curvature = hessian_spectrum(objective, point, options, step);
  result.kind = kind_of_point(result.gradient_norm, result.curvature, tolerances);
  return result;
}

}  // namespace ravine
