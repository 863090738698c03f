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

/// A vector beside the one before it. Accumulated in double.
struct ProductSums {
  double square = 0;   ///< sum of x_i^2, to the bit that of squared_norm()
  double product = 0;  ///< sum of x_i before_i, to the bit that of dot()
};

/// Both in one pass, every x_i converted once. Equal sizes.
ProductSums square_and_product(std::span<const float> x, std::span<const float> before);
ProductSums square_and_product(std::span<const double> x, std::span<const double> before);

}  // namespace ravine
