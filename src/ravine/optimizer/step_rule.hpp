#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>

#include "ravine/kernels/measured_step.hpp"

namespace ravine {

/// How parameters move along a gradient, entry by entry. A rule is a configuration; what it
/// remembers between steps lives in `state`, state_per_parameter() numbers for every parameter,
/// zero at the start, which the loop owns. update() moves a piece of a block; the loop calls it on
/// pieces from several threads. The state of a piece of n parameters is one array of n after the
/// other. `step` counts the updates made before this one.
template <class R, class T>
concept StepRule = requires(const R& rule, std::span<T> parameters, std::span<const T> gradient,
                            std::span<T> state, double learning_rate, std::int64_t step) {
  { rule.name() } -> std::convertible_to<std::string_view>;
  { rule.state_per_parameter() } -> std::convertible_to<std::size_t>;
  rule.update(parameters, gradient, state, learning_rate, step);
};

/// A StepRule that finds on the way what would else take passes of its own: update_and_measure()
/// does what update() does and returns the sums that add_scaled_and_measure() returns, to the bit,
/// of the gradient, that of the step before (or none) and the parameters.
template <class R, class T>
concept MeasuringRule = requires(const R& rule, std::span<T> parameters,
                                 std::span<const T> gradient, std::span<T> state,
                                 double learning_rate, std::int64_t step,
                                 std::span<const T> last_gradient, bool weighs) {
  {
    rule.update_and_measure(parameters, gradient, state, learning_rate, step, last_gradient, weighs)
    } -> std::same_as<StepSums>;
};

/// A StepRule some of whose configurations add to the parameters the gradient times minus the
/// learning rate, nothing else.
template <class R>
concept GradientFollowingRule = requires(const R& rule) {
  { rule.follows_gradient() } -> std::same_as<bool>;
};

}  // namespace ravine
