#pragma once

#include <span>

#include "ravine/kernels/successive.hpp"

/// Plain loops, the meaning of the functions in ravine/kernels/successive.hpp.
namespace ravine::ref {

ProductSums square_and_product(std::span<const float> x, std::span<const float> before);
ProductSums square_and_product(std::span<const double> x, std::span<const double> before);

}  // namespace ravine::ref
