#pragma once

#include <span>

namespace ravine {

/// A vector beside the one before it. Accumulated in double.
struct ProductSums {
  double square = 0;   ///< sum of x_i^2, to the bit that of squared_norm()
  double product = 0;  ///< sum of x_i before_i, to the bit that of dot()
};

/// Both in one pass, every x_i converted once. Equal sizes.
ProductSums square_and_product(std::span<const float> x, std::span<const float> before);
ProductSums square_and_product(std::span<const double> x, std::span<const double> before);

}  // namespace ravine
