#pragma once

#include <span>

namespace ravine {

/// What a step along x, from y, finds on its way. Accumulated in double.
struct StepSums {
  double square = 0;        ///< sum of x_i^2, to the bit that of squared_norm()
  double product = 0;       ///< sum of x_i before_i, to the bit that of dot()
  double moved_square = 0;  ///< sum of the new y_i^2, to the bit that of squared_norm()
};

/// y <- y + factor x, to the bit that of add_scaled(), in one pass with the sums: it waits for
/// memory, and converts to double meanwhile. No product where `before` is empty, no moved_square
/// unless `weighs`. Otherwise equal sizes; y is none of the others.
StepSums add_scaled_and_measure(double factor, std::span<const float> x,
                                std::span<const float> before, std::span<float> y, bool weighs);
StepSums add_scaled_and_measure(double factor, std::span<const double> x,
                                std::span<const double> before, std::span<double> y, bool weighs);

}  // namespace ravine
