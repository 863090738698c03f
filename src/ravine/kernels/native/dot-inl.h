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

/// A sum in four parts, which hide the latency of a multiply-add.
template <class D>
class FourSums {
 public:
  using V = hn::Vec<D>;

  FourSums() : parts_{hn::Zero(D()), hn::Zero(D()), hn::Zero(D()), hn::Zero(D())} {}

  void add(std::size_t part, V x) { parts_[part] = hn::Add(parts_[part], x); }
  void add_product(std::size_t part, V x, V y) { parts_[part] = hn::MulAdd(x, y, parts_[part]); }

  double total() const {
    const V front = hn::Add(parts_[0], parts_[1]), back = hn::Add(parts_[2], parts_[3]);
    return hn::GetLane(hn::SumOfLanes(D(), hn::Add(front, back)));
  }

 private:
  V parts_[4];
};

/// What add(sums, part, i) adds to kSums FourSums for the vector of elements from i on, over all
/// whole vectors of `count` elements. `done` becomes the number of elements seen.
template <std::size_t kSums, class Add>
std::array<double, kSums> sums_of_vectors(std::size_t count, std::size_t& done, Add add) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d);
  FourSums<decltype(d)> sums[kSums];
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < 4; ++part) add(sums, part, i + part * lanes);
  }
  for (; i + lanes <= count; i += lanes) add(sums, 0, i);
  done = i;
  std::array<double, kSums> totals;
#pragma GCC unroll 2
  for (std::size_t s = 0; s < kSums; ++s) totals[s] = sums[s].total();
  return totals;
}

/// sum_i x_i y_i; with kSquare y is x, and every element is converted once.
template <bool kSquare, class T>
double dot_of(const T* x, const T* y, std::size_t count) {
  const hn::ScalableTag<double> d;
  std::size_t i = 0;
  auto [sum] = sums_of_vectors<1>(count, i, [&](auto& sums, std::size_t part, std::size_t at) {
    const auto left = load_double(d, x + at);
    sums[0].add_product(part, left, kSquare ? left : load_double(d, y + at));
  });
  for (; i < count; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(y[i]);
  return sum;
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
