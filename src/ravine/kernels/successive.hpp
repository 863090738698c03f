#pragma once

#include <span>

namespace ravine {

/// How a vector differs from the one before it. Accumulated in double.
struct ChangeSums {
  double square = 0;  ///< sum of x_i^2
  double change = 0;  ///< sum of (x_i - kept_i)^2, the difference rounded to the vectors' precision
};

/// Those sums; then kept <- x: one pass over memory instead of two and a copy. Equal sizes.
ChangeSums change_and_keep(std::span<const float> x, std::span<float> kept);
ChangeSums change_and_keep(std::span<const double> x, std::span<double> kept);

}  // namespace ravine
