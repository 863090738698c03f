// Copies a transposed matrix. Included once per instruction set.
#if defined(RAVINE_PACK_TRANSPOSED_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAVINE_PACK_TRANSPOSED_INL_H
#undef RAVINE_PACK_TRANSPOSED_INL_H
#else
#define RAVINE_PACK_TRANSPOSED_INL_H
#endif

#include <cstddef>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

/// A vector of 16-byte blocks, block b from x + b * step.
template <class D, class T = hn::TFromD<D>>
hn::Vec<D> load_blocks(D d, const T* x, std::size_t step) {
  if constexpr (hn::MaxLanes(d) * sizeof(T) <= 16) {
    return hn::LoadU(d, x);
  } else {
    const hn::Half<D> half;
    constexpr std::size_t kBlocks = hn::MaxLanes(half) * sizeof(T) / 16;
    return hn::Combine(d, load_blocks(half, x + kBlocks * step, step), load_blocks(half, x, step));
  }
}

/// to(p, 0 : lanes) = from(0 : lanes, p) for the 4 floats or 2 doubles p of a 16-byte block.
template <class D>
void transpose_block(D d, const float* from, std::size_t from_stride, float* to,
                     std::size_t to_stride) {
  const hn::RepartitionToWide<D> pairs;
  const std::size_t step = 4 * from_stride;
  const auto row0 = load_blocks(d, from, step);
  const auto row1 = load_blocks(d, from + from_stride, step);
  const auto row2 = load_blocks(d, from + 2 * from_stride, step);
  const auto row3 = load_blocks(d, from + 3 * from_stride, step);
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, row0, row1));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, row2, row3));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, row0, row1));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, row2, row3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, to);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, to + to_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, to + 2 * to_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, to + 3 * to_stride);
}
template <class D>
void transpose_block(D d, const double* from, std::size_t from_stride, double* to,
                     std::size_t to_stride) {
  const auto row0 = load_blocks(d, from, 2 * from_stride);
  const auto row1 = load_blocks(d, from + from_stride, 2 * from_stride);
  hn::StoreU(hn::InterleaveLower(d, row0, row1), d, to);
  hn::StoreU(hn::InterleaveUpper(d, row0, row1), d, to + to_stride);
}

#endif  // HWY_SCALAR

/// to(p, j) = from(j, p), j < rows, p < cols; row p of `to` begins at p * to_stride.
template <class T>
void pack_transposed(const T* from, std::size_t from_stride, std::size_t rows, std::size_t cols,
                     T* to, std::size_t to_stride) {
  std::size_t j = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<T> d;
  constexpr std::size_t kBlock = 16 / sizeof(T);
  for (; j + hn::Lanes(d) <= rows; j += hn::Lanes(d)) {
    std::size_t p = 0;
    for (; p + kBlock <= cols; p += kBlock) {
      transpose_block(d, from + j * from_stride + p, from_stride, to + p * to_stride + j,
                      to_stride);
    }
    for (; p < cols; ++p) {
      for (std::size_t i = j; i < j + hn::Lanes(d); ++i) {
        to[p * to_stride + i] = from[i * from_stride + p];
      }
    }
  }
#endif
  for (; j < rows; ++j) {
    for (std::size_t p = 0; p < cols; ++p) to[p * to_stride + j] = from[j * from_stride + p];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
