#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "ravine/kernels/activation.hpp"

namespace ravine {

/// A unit is saturated on a sample when its pre-activation z lies in a tail on which |phi'| is
/// nowhere above this share of the largest |phi'| there is: little of the gradient passes, and no
/// step back is in sight. For relu that is an output of zero.
inline constexpr double kSaturatedSlope = 0.05;

/// Where those tails begin, in terms of what multiply_by_derivative() takes, z or the output a:
/// saturated when <= low or > high. Infinite where there is no tail.
struct SaturationBounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

SaturationBounds saturation_bounds(Activation activation);

/// What the outputs of a hidden layer are like, over all samples and units of a batch.
struct ActivationStatistics {
  double mean = std::numeric_limits<double>::quiet_NaN();
  double deviation = std::numeric_limits<double>::quiet_NaN();  ///< with all entries as divisor
  double saturated_share = std::numeric_limits<double>::quiet_NaN();  ///< of all entries
  double dead_share = std::numeric_limits<double>::quiet_NaN();  ///< of units, saturated on every
                                                                 ///< sample
};

/// From one sum and sum of squares a sample, and for each unit on how many of the samples it was
/// saturated. At least one sample and unit; `sums` and `squares` have equal sizes.
ActivationStatistics activation_statistics(std::span<const double> sums,
                                           std::span<const double> squares,
                                           std::span<const std::uint32_t> saturated);

}  // namespace ravine
