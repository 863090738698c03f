#include "ravine/probe/critical_point.hpp"

namespace ravine {

std::string_view name_of(PointKind kind) {
  switch (kind) {
    case PointKind::minimum:
      return "minimum";
    case PointKind::strict_saddle:
      return "strict saddle";
    case PointKind::not_critical:
      return "not critical";
    case PointKind::undecided:
      return "undecided";
  }
  return "";
}

PointKind kind_of_point(double gradient_norm, const SpectrumEnds& curvature,
                        const PointTolerances& tolerances) {
  if (!(gradient_norm <= tolerances.gradient * tolerances.gradient_scale)) {
    return PointKind::not_critical;
  }
  const double below_zero = -tolerances.curvature * tolerances.curvature_scale;
  const Eigenpair& smallest = curvature.smallest;
  if (smallest.value + smallest.residual < below_zero) return PointKind::strict_saddle;
  if (curvature.converged && smallest.value >= below_zero) return PointKind::minimum;
  return PointKind::undecided;
}

}  // namespace ravine
