#include "ravine/kernels/sort.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include <hwy/contrib/sort/vqsort.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/sort.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Puts x[i] and x[i ^ distance] in order for all i of `count` numbers. distance: a power of two,
/// or one less than that; count: a multiple of a vector's lanes and of every such block of
/// partners.
void exchange(double* x, std::size_t count, std::size_t distance) {
  const hn::ScalableTag<double> d;
  const hn::RebindToUnsigned<decltype(d)> places;
  const std::size_t lanes = hn::Lanes(d), top = std::bit_floor(distance);
  if (top < lanes) {
    const auto own = hn::Iota(places, 0), partner = hn::Xor(own, hn::Set(places, distance));
    const auto table = hn::IndicesFromVec(d, partner);
    const auto is_upper = hn::RebindMask(d, hn::Gt(own, partner));
    for (std::size_t i = 0; i < count; i += lanes) {
      const auto v = hn::Load(d, x + i), other = hn::TableLookupLanes(v, table);
      hn::Store(hn::IfThenElse(is_upper, hn::Max(v, other), hn::Min(v, other)), d, x + i);
    }
    return;
  }
  const bool mirrors = distance != top;
  for (std::size_t i = 0; i < count; i += lanes) {
    if ((i & top) != 0) continue;
    double* const across = x + (i ^ (distance & ~(lanes - 1)));
    const auto low = hn::Load(d, x + i);
    auto high = hn::Load(d, across);
    if (mirrors) high = hn::Reverse(d, high);
    hn::Store(hn::Min(low, high), d, x + i);
    high = hn::Max(low, high);
    hn::Store(mirrors ? hn::Reverse(d, high) : high, d, across);
  }
}

/// Merges sorted blocks of two, four, eight and so on: first each number with its mirror image in
/// the block, so that all exchanges go one way. count: a power of two, at least the lanes of a
/// vector.
void sort_network(double* x, std::size_t count) {
  for (std::size_t sorted = 2; sorted <= count; sorted *= 2) {
    exchange(x, count, sorted - 1);
    for (std::size_t distance = sorted / 4; distance > 0; distance /= 2) {
      exchange(x, count, distance);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(sort_network);

namespace {

constexpr std::size_t kMostOfNetwork = 256;
constexpr std::size_t kMostLanes = 64 / sizeof(double);  // of any instruction set

}  // namespace

void sort_ascending(std::span<double> x) {
  if (x.size() > kMostOfNetwork) {
    thread_local const hwy::Sorter sorter;
    return sorter(x.data(), x.size(), hwy::SortAscending());
  }
  alignas(64) double padded[kMostOfNetwork];
  const std::size_t count = std::max(std::bit_ceil(x.size()), kMostLanes);
  std::ranges::copy(x, padded);
  std::fill(padded + x.size(), padded + count, std::numeric_limits<double>::infinity());
  HWY_DYNAMIC_DISPATCH(sort_network)(padded, count);
  std::copy_n(padded, x.size(), x.begin());
}

}  // namespace ravine
#endif
