// The tile of a matrix product that stays in registers. Included once per instruction set.
#if defined(RAVINE_MATMUL_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAVINE_MATMUL_TILE_INL_H
#undef RAVINE_MATMUL_TILE_INL_H
#else
#define RAVINE_MATMUL_TILE_INL_H
#endif

#include <cstddef>

#include <hwy/highway.h>

#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/native/partial_vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Panel width in vectors: with 32 registers a 6 x 4 tile, with 16 a 6 x 2 tile.
constexpr std::size_t kPanelVectors = (HWY_TARGET <= HWY_AVX3) ? 4 : 2;
constexpr std::size_t kTileVectors = 6 * kPanelVectors;
constexpr std::size_t tile_rows(std::size_t vectors) {
  return HWY_MIN(std::size_t{12}, kTileVectors / vectors);
}

/// kRows x kVectors vectors of C, the last `cols % lanes` columns masked.
template <std::size_t kRows, std::size_t kVectors, class D, class A, class B,
          class T = hn::TFromD<D>>
void multiply_tile(D d, A a, const B& b, T* HWY_RESTRICT c, std::size_t c_stride, std::size_t cols,
                   Store store) {
  using V = hn::Vec<D>;
  const std::size_t lanes = hn::Lanes(d);
  const VectorRow<kVectors, D> columns(d, cols);
  V sum[kRows][kVectors];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < kVectors; ++j) sum[i][j] = hn::Zero(d);
  }
  if (store == Store::accumulate) {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kRows; ++i) {
      const T* row = c + i * c_stride;
      columns.load(d, row, sum[i]);
      // Of the tile below, whose sums would wait for memory.
#pragma GCC unroll 4
      for (std::size_t j = 0; j < kVectors; ++j) {
        __builtin_prefetch(row + kRows * c_stride + j * lanes);
      }
    }
  }
  const T* HWY_RESTRICT left = a.data;
  const T* HWY_RESTRICT right = b.data;
#pragma GCC unroll 4
  for (std::size_t p = 0; p < b.depth; ++p) {
    V row[kVectors];
    if constexpr (B::kIsInPlace && kVectors == 1) {
      row[0] = columns.rest().load(d, right);
    } else {
      for (std::size_t j = 0; j < kVectors; ++j) row[j] = hn::LoadU(d, right + j * lanes);
    }
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kRows; ++i) {
      const V factor = hn::Set(d, left[i * a.row_step()]);
#pragma GCC unroll 4
      for (std::size_t j = 0; j < kVectors; ++j) {
        sum[i][j] = hn::MulAdd(factor, row[j], sum[i][j]);
      }
    }
    left += a.depth_step();
    right += b.stride;
  }
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kRows; ++i) columns.store(sum[i], d, c + i * c_stride);
}

/// Chooses the tile whose height is `rows` among kFewest .. kMost.
template <std::size_t kVectors, std::size_t kFewest, std::size_t kMost, class D, class A, class B,
          class T = hn::TFromD<D>>
void multiply_strip(D d, std::size_t rows, A a, const B& b, T* c, std::size_t c_stride,
                    std::size_t cols, Store store) {
  if constexpr (kFewest == kMost) {
    multiply_tile<kMost, kVectors>(d, a, b, c, c_stride, cols, store);
  } else {
    constexpr std::size_t kMiddle = (kFewest + kMost) / 2;
    if (rows <= kMiddle) {
      multiply_strip<kVectors, kFewest, kMiddle>(d, rows, a, b, c, c_stride, cols, store);
    } else {
      multiply_strip<kVectors, kMiddle + 1, kMost>(d, rows, a, b, c, c_stride, cols, store);
    }
  }
}

template <std::size_t kVectors, class D, class A, class B, class T = hn::TFromD<D>>
void multiply_panel(D d, std::size_t rows, const A& a, const B& b, T* c, std::size_t c_stride,
                    std::size_t cols, Store store) {
  constexpr std::size_t kRows = tile_rows(kVectors);
  for (std::size_t i = 0; i < rows; i += kRows) {
    multiply_strip<kVectors, 1, kRows>(d, HWY_MIN(kRows, rows - i), a.at(i, 0), b, c + i * c_stride,
                                       c_stride, cols, store);
  }
}

/// Chooses the panel width that covers `cols` columns.
template <std::size_t kVectors, class D, class A, class B, class T = hn::TFromD<D>>
void multiply_columns(D d, std::size_t rows, const A& a, const B& b, T* c, std::size_t c_stride,
                      std::size_t cols, Store store) {
  if constexpr (kVectors > 1) {
    if (cols <= (kVectors - 1) * hn::Lanes(d)) {
      return multiply_columns<kVectors - 1>(d, rows, a, b, c, c_stride, cols, store);
    }
  }
  multiply_panel<kVectors>(d, rows, a, b, c, c_stride, cols, store);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
