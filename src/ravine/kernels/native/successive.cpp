#include "ravine/kernels/successive.hpp"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/successive.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/kernels/native/dot-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
ProductSums square_and_product_of(const T* x, const T* before, std::size_t count) {
  const hn::ScalableTag<double> d;
  std::size_t i = 0;
  auto [square, product] =
      sums_of_vectors<2>(count, i, [&](auto& sums, std::size_t part, std::size_t at) {
        const auto value = load_double(d, x + at);
        sums[0].add_product(part, value, value);
        sums[1].add_product(part, value, load_double(d, before + at));
      });
  for (; i < count; ++i) {
    const auto value = static_cast<double>(x[i]);
    square += value * value;
    product += value * static_cast<double>(before[i]);
  }
  return {square, product};
}

ProductSums square_and_product_float(const float* x, const float* before, std::size_t count) {
  return square_and_product_of(x, before, count);
}
ProductSums square_and_product_double(const double* x, const double* before, std::size_t count) {
  return square_and_product_of(x, before, count);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(square_and_product_float);
HWY_EXPORT(square_and_product_double);

ProductSums square_and_product(std::span<const float> x, std::span<const float> before) {
  return HWY_DYNAMIC_DISPATCH(square_and_product_float)(x.data(), before.data(), x.size());
}
ProductSums square_and_product(std::span<const double> x, std::span<const double> before) {
  return HWY_DYNAMIC_DISPATCH(square_and_product_double)(x.data(), before.data(), x.size());
}

}  // namespace ravine
#endif
