// Inner products accumulated in double. Included once per instruction set.
#if defined(RAVINE_DOT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAVINE_DOT_INL_H
#undef RAVINE_DOT_INL_H
#else
#define RAVINE_DOT_INL_H
#endif

#include <array>
#include <cstddef>

#include <hwy/highway.h>

#include "ravine/kernels/native/load_double-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// What add(sums, i) adds to kSums vectors of partial sums for the elements from i on, over all
/// whole vectors of `count` elements: four of each hide the latency of a multiply-add. `done`
/// becomes the number of elements seen.
template <std::size_t kSums, class Add>
std::array<double, kSums> sums_of_vectors(std::size_t count, std::size_t& done, Add add) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<decltype(d)> part0[kSums], part1[kSums], part2[kSums], part3[kSums];
#pragma GCC unroll 2
  for (std::size_t s = 0; s < kSums; ++s) part0[s] = part1[s] = part2[s] = part3[s] = hn::Zero(d);
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    add(part0, i);
    add(part1, i + lanes);
    add(part2, i + 2 * lanes);
    add(part3, i + 3 * lanes);
  }
  for (; i + lanes <= count; i += lanes) add(part0, i);
  done = i;
  std::array<double, kSums> sums;
#pragma GCC unroll 2
  for (std::size_t s = 0; s < kSums; ++s) {
    const auto front = hn::Add(part0[s], part1[s]), back = hn::Add(part2[s], part3[s]);
    sums[s] = hn::GetLane(hn::SumOfLanes(d, hn::Add(front, back)));
  }
  return sums;
}

/// sum_i x_i y_i; with kSquare y is x, and every element is converted once.
template <bool kSquare, class T>
double dot_of(const T* x, const T* y, std::size_t count) {
  const hn::ScalableTag<double> d;
  std::size_t i = 0;
  auto [sum] = sums_of_vectors<1>(count, i, [&](auto& partial, std::size_t at) {
    const auto left = load_double(d, x + at);
    const auto right = kSquare ? left : load_double(d, y + at);
    partial[0] = hn::MulAdd(left, right, partial[0]);
  });
  for (; i < count; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(y[i]);
  return sum;
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
