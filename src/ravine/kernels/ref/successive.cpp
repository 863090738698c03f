#include "ravine/kernels/ref/successive.hpp"

#include <cstddef>

namespace ravine::ref {

namespace {

template <class T>
ProductSums square_and_product_of(std::span<const T> x, std::span<const T> before) {
  ProductSums sums;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto value = static_cast<double>(x[i]);
    sums.square += value * value;
    sums.product += value * static_cast<double>(before[i]);
  }
  return sums;
}

}  // namespace

ProductSums square_and_product(std::span<const float> x, std::span<const float> before) {
  return square_and_product_of(x, before);
}
ProductSums square_and_product(std::span<const double> x, std::span<const double> before) {
  return square_and_product_of(x, before);
}

}  // namespace ravine::ref
