// Copies of a matrix, or of its transposed, for products to read. Included once per instruction
// set.
#if defined(RAVINE_PACK_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAVINE_PACK_INL_H
#undef RAVINE_PACK_INL_H
#else
#define RAVINE_PACK_INL_H
#endif

#include <cstddef>

#include <hwy/highway.h>

#include "ravine/kernels/native/partial_vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

/// Rows of a matrix; with kClamped row `last` stands for all behind it.
template <class T, bool kClamped>
struct Rows {
  const T* from;
  std::size_t stride;
  std::size_t last;

  /// The 16-byte blocks at column p of the rows r, r + step, r + 2 step, ...
  template <class D>
  HWY_INLINE hn::Vec<D> blocks(D d, std::size_t r, std::size_t p, std::size_t step) const {
    if constexpr (hn::MaxLanes(d) * sizeof(T) <= 16) {
      return hn::LoadU(d, from + (kClamped ? HWY_MIN(r, last) : r) * stride + p);
    } else {
      const hn::Half<D> half;
      constexpr std::size_t kBlocks = hn::MaxLanes(half) * sizeof(T) / 16;
      return hn::Combine(d, blocks(half, r + kBlocks * step, p, step), blocks(half, r, p, step));
    }
  }
};

/// to(q, 0 : lanes) = rows(0 : lanes, p + q) for the 4 floats or 2 doubles of a 16-byte block.
template <class D, class R>
HWY_INLINE void transpose_block(D d, R rows, std::size_t p, float* to, std::size_t to_stride) {
  const hn::RepartitionToWide<D> pairs;
  const auto row0 = rows.blocks(d, 0, p, 4), row1 = rows.blocks(d, 1, p, 4);
  const auto row2 = rows.blocks(d, 2, p, 4), row3 = rows.blocks(d, 3, p, 4);
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, row0, row1));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, row2, row3));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, row0, row1));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, row2, row3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, to);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, to + to_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, to + 2 * to_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, to + 3 * to_stride);
}
template <class D, class R>
HWY_INLINE void transpose_block(D d, R rows, std::size_t p, double* to, std::size_t to_stride) {
  const auto row0 = rows.blocks(d, 0, p, 2), row1 = rows.blocks(d, 1, p, 2);
  hn::StoreU(hn::InterleaveLower(d, row0, row1), d, to);
  hn::StoreU(hn::InterleaveUpper(d, row0, row1), d, to + to_stride);
}

/// to(p, 0 : lanes) = rows(0 : lanes, p), p < cols, at least a block of them: the last block may
/// overlap the one before it.
template <class D, class R, class T = hn::TFromD<D>>
HWY_INLINE void transpose_rows(D d, R rows, std::size_t cols, T* to, std::size_t to_stride) {
  constexpr std::size_t kBlock = 16 / sizeof(T);
  for (std::size_t p = 0; p + kBlock <= cols; p += kBlock) {
    transpose_block(d, rows, p, to + p * to_stride, to_stride);
  }
  const std::size_t last = cols - kBlock;
  if (cols % kBlock != 0) transpose_block(d, rows, last, to + last * to_stride, to_stride);
}

#endif  // HWY_SCALAR

/// to(p, j) = from(j, p), j < rows, p < cols; row p of `to` begins at p * to_stride, and the last
/// vector of its `rows` elements is filled up with anything.
template <class T>
void pack_transposed(const T* from, std::size_t from_stride, std::size_t rows, std::size_t cols,
                     T* to, std::size_t to_stride) {
  const hn::ScalableTag<T> d;
#if HWY_TARGET != HWY_SCALAR
  if (cols >= 16 / sizeof(T)) {
    std::size_t j = 0;
    for (; j + hn::Lanes(d) <= rows; j += hn::Lanes(d)) {
      transpose_rows(d, Rows<T, false>{from + j * from_stride, from_stride, 0}, cols, to + j,
                     to_stride);
    }
    if (j < rows) {
      transpose_rows(d, Rows<T, true>{from + j * from_stride, from_stride, rows - 1 - j}, cols,
                     to + j, to_stride);
    }
    return;
  }
#endif
  for (std::size_t j = 0; j < hwy::RoundUpTo(rows, hn::Lanes(d)); ++j) {
    const T* row = from + HWY_MIN(j, rows - 1) * from_stride;
    for (std::size_t p = 0; p < cols; ++p) to[p * to_stride + j] = row[p];
  }
}

/// to(p, j) = from(p, j), j < cols, p < rows; row p of `to` begins at p * to_stride, a multiple of
/// a vector, and the last vector is filled up with zeros.
template <class T>
void pack_rows(const T* from, std::size_t from_stride, std::size_t rows, std::size_t cols,
               T* HWY_RESTRICT to, std::size_t to_stride) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = cols / lanes * lanes;
  const FirstLanes<decltype(d)> rest(d, cols - whole);
  for (std::size_t p = 0; p < rows; ++p, from += from_stride, to += to_stride) {
    for (std::size_t j = 0; j < whole; j += lanes) hn::Store(hn::LoadU(d, from + j), d, to + j);
    if (whole < cols) hn::Store(rest.load(d, from + whole), d, to + whole);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
