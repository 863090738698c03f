// Inner products accumulated in double. Included once per instruction set.
#if defined(RAVINE_DOT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAVINE_DOT_INL_H
#undef RAVINE_DOT_INL_H
#else
#define RAVINE_DOT_INL_H
#endif

#include <cstddef>

#include <hwy/highway.h>

#include "ravine/kernels/native/load_double-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// What add(sum, i) adds to a vector of partial sums for the elements from i on, over all whole
/// vectors of `count` elements: four sums hide the latency of a multiply-add. `done` becomes the
/// number of elements seen.
template <class Add>
double sum_of_vectors(std::size_t count, std::size_t& done, Add add) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d);
  auto sum0 = hn::Zero(d), sum1 = hn::Zero(d), sum2 = hn::Zero(d), sum3 = hn::Zero(d);
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    add(sum0, i);
    add(sum1, i + lanes);
    add(sum2, i + 2 * lanes);
    add(sum3, i + 3 * lanes);
  }
  for (; i + lanes <= count; i += lanes) add(sum0, i);
  done = i;
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3))));
}

/// sum_i x_i y_i; with kSquare y is x, and every element is converted once.
template <bool kSquare, class T>
double dot_of(const T* x, const T* y, std::size_t count) {
  const hn::ScalableTag<double> d;
  std::size_t i = 0;
  double sum = sum_of_vectors(count, i, [&](auto& partial, std::size_t at) {
    const auto left = load_double(d, x + at);
    const auto right = kSquare ? left : load_double(d, y + at);
    partial = hn::MulAdd(left, right, partial);
  });
  for (; i < count; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(y[i]);
  return sum;
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
