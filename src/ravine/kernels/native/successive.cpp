#include "ravine/kernels/successive.hpp"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/successive.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

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

ChangeSums change_and_keep_float(const float* x, float* kept, std::size_t count) {
  return change_and_keep_of(x, kept, count);
}
ChangeSums change_and_keep_double(const double* x, double* kept, std::size_t count) {
  return change_and_keep_of(x, kept, count);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(change_and_keep_float);
HWY_EXPORT(change_and_keep_double);

ChangeSums change_and_keep(std::span<const float> x, std::span<float> kept) {
  return HWY_DYNAMIC_DISPATCH(change_and_keep_float)(x.data(), kept.data(), x.size());
}
ChangeSums change_and_keep(std::span<const double> x, std::span<double> kept) {
  return HWY_DYNAMIC_DISPATCH(change_and_keep_double)(x.data(), kept.data(), x.size());
}

}  // namespace ravine
#endif
