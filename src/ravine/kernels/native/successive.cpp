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

/// A vector of as many numbers of type T as a vector has doubles.
template <class T>
using Narrow = hn::Rebind<T, hn::ScalableTag<double>>;

template <class V>
auto widened(V x) {
  if constexpr (sizeof(hn::TFromV<V>) == sizeof(double)) {
    return x;
  } else {
    return hn::PromoteTo(hn::ScalableTag<double>(), x);
  }
}

/// Adds x^2 in double to the running sum.
template <class V, class W>
void add_square(W& sum, V x) {
  const auto wide = widened(x);
  sum = hn::MulAdd(wide, wide, sum);
}

template <class T>
ChangeSums change_and_keep_of(const T* x, T* kept, std::size_t count) {
  const hn::ScalableTag<double> wide;
  const Narrow<T> d;
  const std::size_t lanes = hn::Lanes(d);
  auto square0 = hn::Zero(wide), square1 = hn::Zero(wide);
  auto change0 = hn::Zero(wide), change1 = hn::Zero(wide);
  const auto add = [&](auto& square, auto& change, std::size_t i) {
    const auto value = hn::LoadU(d, x + i);
    const auto difference = hn::Sub(value, hn::LoadU(d, kept + i));
    hn::StoreU(value, d, kept + i);
    add_square(square, value);
    add_square(change, difference);
  };
  std::size_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    add(square0, change0, i);
    add(square1, change1, i + lanes);
  }
  for (; i + lanes <= count; i += lanes) add(square0, change0, i);
  ChangeSums sums{hn::GetLane(hn::SumOfLanes(wide, hn::Add(square0, square1))),
                  hn::GetLane(hn::SumOfLanes(wide, hn::Add(change0, change1)))};
  for (; i < count; ++i) {
    const auto value = static_cast<double>(x[i]);
    const auto difference = static_cast<double>(x[i] - kept[i]);
    kept[i] = x[i];
    sums.square += value * value;
    sums.change += difference * difference;
  }
  return sums;
}

template <class T>
ProductSums square_and_product_of(const T* x, const T* before, std::size_t count) {
  const hn::ScalableTag<double> d;
  std::size_t i = 0;
  auto [square, product] = sums_of_vectors<2>(count, i, [&](auto& partial, std::size_t at) {
    const auto value = load_double(d, x + at);
    partial[0] = hn::MulAdd(value, value, partial[0]);
    partial[1] = hn::MulAdd(value, load_double(d, before + at), partial[1]);
  });
  for (; i < count; ++i) {
    const auto value = static_cast<double>(x[i]);
    square += value * value;
    product += value * static_cast<double>(before[i]);
  }
  return {square, product};
}

ChangeSums change_and_keep_float(const float* x, float* kept, std::size_t count) {
  return change_and_keep_of(x, kept, count);
}
ChangeSums change_and_keep_double(const double* x, double* kept, std::size_t count) {
  return change_and_keep_of(x, kept, count);
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

HWY_EXPORT(change_and_keep_float);
HWY_EXPORT(change_and_keep_double);
HWY_EXPORT(square_and_product_float);
HWY_EXPORT(square_and_product_double);

ChangeSums change_and_keep(std::span<const float> x, std::span<float> kept) {
  return HWY_DYNAMIC_DISPATCH(change_and_keep_float)(x.data(), kept.data(), x.size());
}
ChangeSums change_and_keep(std::span<const double> x, std::span<double> kept) {
  return HWY_DYNAMIC_DISPATCH(change_and_keep_double)(x.data(), kept.data(), x.size());
}

ProductSums square_and_product(std::span<const float> x, std::span<const float> before) {
  return HWY_DYNAMIC_DISPATCH(square_and_product_float)(x.data(), before.data(), x.size());
}
ProductSums square_and_product(std::span<const double> x, std::span<const double> before) {
  return HWY_DYNAMIC_DISPATCH(square_and_product_double)(x.data(), before.data(), x.size());
}

}  // namespace ravine
#endif
