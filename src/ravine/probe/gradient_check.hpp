#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ravine/probe/loss_function.hpp"

namespace ravine {

/// How check_gradient looks.
struct GradientCheckOptions {
  /// A block with more coordinates is checked at this many, drawn without repetition. At least 1.
  std::size_t coordinates_per_block = 100;
  /// The largest of the four steps tried at a coordinate x is first_step * max(1, |x|). Above 0.
  double first_step = 1e-4;
  std::uint64_t seed = 1234;  ///< of the drawn coordinates
  std::int64_t step = 0;      ///< whose mini-batch to check on
};

/// One coordinate of a gradient: what the objective says and what differences of its loss say.
struct CoordinateCheck {
  std::size_t row = 0;     ///< in its block, from 0
  std::size_t col = 0;     ///< in its block, from 0
  double analytic = 0;     ///< the objective's
  double numeric = 0;      ///< the central difference's
  double uncertainty = 0;  ///< of `numeric`: how far two step sizes disagree
  double absolute = 0;     ///< |analytic - numeric|; infinite when either is not finite
  /// absolute / max(|analytic|, |numeric|, root mean square of the block's gradient, 1e-4 times the
  /// largest such of the member), so that the rounding of a coordinate, or block, much smaller than
  /// its neighbours does not look like an error.
  double relative = 0;
};

/// The worst of a block's checked coordinates.
struct BlockCheck {
  std::string block;
  std::size_t member = 0;
  std::size_t checked = 0;  ///< coordinates
  CoordinateCheck worst_absolute;
  CoordinateCheck worst_relative;
};

namespace detail {

std::vector<BlockCheck> check_gradient(const ParameterLayout& layout, std::span<const double> point,
                                       std::span<const double> gradient, const LossFunction& losses,
                                       const GradientCheckOptions& options);

}  // namespace detail

/// Compares an objective's gradient with central differences of its loss, coordinate by coordinate,
/// and reports the worst deviations of every block. Members of an objective are independent, so one
/// evaluation serves one coordinate of each of them.
///
/// No single step suits every loss: truncation wants it small, rounding wants it large, and at a
/// kink (ReLU) the difference is wrong until both of its points are on one side. So four steps are
/// tried, each an eighth of the one before, and of the neighbours that agree best the finer is
/// taken. That avoids every kink farther than first_step / 64; a point exactly on a kink has no
/// gradient to check.
///
/// Relative deviations mean nothing at a critical point, where everything is rounding: check
/// elsewhere. point: (layout().size()). Throws ShapeError or ConfigError.
template <DoubleObjective O>
std::vector<BlockCheck> check_gradient(O& objective, std::span<const double> point,
                                       const GradientCheckOptions& options = {}) {
  check_point("gradient_check", objective.layout(), point);
  const PointClaim claim = claim_at(objective, point, options.step);
  return detail::check_gradient(objective.layout(), point, claim.gradient,
                                losses_of(objective, options.step), options);
}

/// The block whose relative deviation is largest. `blocks` must not be empty.
const BlockCheck& worst_of(std::span<const BlockCheck> blocks);

}  // namespace ravine
