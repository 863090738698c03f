#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ravine/probe/loss_function.hpp"

namespace ravine {

/// How taylor_test looks.
struct TaylorOptions {
  /// The largest distance, relative to the norm of the member's parameters (absolute where that is
  /// zero). Above 0.
  double first_step = 1e-2;
  int halvings = 16;          ///< of the distance. At least 2.
  std::uint64_t seed = 1234;  ///< of the direction
  std::int64_t step = 0;      ///< whose mini-batch to check on
};

/// What a member's loss does at distance h that its gradient did not foretell.
struct TaylorRemainder {
  double distance = 0;   ///< h
  double remainder = 0;  ///< |f(x + h v) - f(x) - h <gradient, v>|
  double order = 0;      ///< log2 of the previous remainder over this one; NaN for the first
  bool clean = false;    ///< stands a hundredfold above the rounding of the losses
};

/// The Taylor test of one member.
struct TaylorTest {
  std::size_t member = 0;
  double slope = 0;                         ///< <gradient, v>
  std::vector<TaylorRemainder> remainders;  ///< from the largest distance to the smallest
  std::size_t fitted = 0;                   ///< how many remainders the order is fitted to
  /// Slope of log remainder over log distance by least squares over those; NaN when fewer than
  /// three remainders stand above rounding.
  double order = 0;
  /// No remainder stands above rounding: the loss is linear along v, and the gradient says so.
  bool exact = false;

  /// Whether the gradient is one: exact, or an order of 2 less `tolerance` or more, which it is
  /// where the loss does not bend along v. An error in the gradient along v brings the order down
  /// to 1.
  bool passes(double tolerance) const;
};

namespace detail {

std::vector<TaylorTest> taylor_test(const ParameterLayout& layout, std::span<const double> point,
                                    const PointClaim& claim, const LossFunction& losses,
                                    const TaylorOptions& options);

}  // namespace detail

/// Moves every member along a unit direction v of its own, half random and half along its gradient,
/// and measures how fast |f(x + h v) - f(x) - h <gradient, v>| falls as h is halved: as h^2 when
/// the gradient is right. One number that sees all coordinates at once.
///
/// The order is fitted to the smallest remainders that stand above the rounding of the losses, at
/// least three, as far up as their local orders belong together. Above them, the third derivative
/// and the kinks of ReLU spoil the law: every unit of every sample may have one on the way, so a
/// large network on a large batch may leave no clean range; test it on fewer samples.
/// point: (layout().size()). Throws ShapeError or ConfigError.
template <DoubleObjective O>
std::vector<TaylorTest> taylor_test(O& objective, std::span<const double> point,
                                    const TaylorOptions& options = {}) {
  check_point("taylor_test", objective.layout(), point);
  return detail::taylor_test(objective.layout(), point, claim_at(objective, point, options.step),
                             losses_of(objective, options.step), options);
}

}  // namespace ravine
