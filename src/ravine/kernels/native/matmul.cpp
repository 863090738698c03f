#include "ravine/kernels/matmul.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/matmul.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/kernels/native/matmul_tile-inl.h"
#include "ravine/kernels/native/outer_product-inl.h"
#include "ravine/kernels/native/pack-inl.h"
#include "ravine/kernels/native/partial_vector-inl.h"
#include "ravine/kernels/shape_check.hpp"

// Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008): a tile of C
// stays in registers while it runs down a panel of B that stays in the first-level cache.

#ifndef RAVINE_MATMUL_OPERANDS
#define RAVINE_MATMUL_OPERANDS
namespace ravine {
namespace {

/// The operand A of a tile: element (i, p) at data[i * stride + p], or, transposed,
/// data[i + p * stride].
template <class T, bool kTransposed>
struct Left {
  static constexpr bool kIsTransposed = kTransposed;
  const T* data;
  std::size_t stride;
  std::size_t row_step() const { return kTransposed ? 1 : stride; }
  std::size_t depth_step() const { return kTransposed ? stride : 1; }
  Left at(std::size_t row, std::size_t depth) const {
    return {data + row * row_step() + depth * depth_step(), stride};
  }
};

/// The operand B: row p of (k, n) begins at data[p * stride], or, transposed, column p.
template <class T, bool kTransposed>
struct Right {
  static constexpr bool kIsTransposed = kTransposed;
  const T* data;
  std::size_t stride;
};

}  // namespace
}  // namespace ravine
#endif

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kDepth = 128;    // rows of a panel
constexpr std::size_t kHeight = 480;   // rows of A that stay in the second-level cache
constexpr std::size_t kPackFrom = 96;  // rows of A from which packing B repays
// So few rows of A read B only once, in place, all in one tile that is a cache line wide.
constexpr std::size_t kFewRows = HWY_TARGET <= HWY_AVX3 ? tile_rows(3) : tile_rows(kPanelVectors);
// Then of a B beyond the second-level cache few rows at a time, so that each is read along, and
// fetched ahead where B comes from memory.
constexpr std::size_t kFewDepth = 16;
constexpr std::size_t kLargeBytes = std::size_t{2} << 20;
constexpr std::size_t kFarBytes = std::size_t{16} << 20;
constexpr std::size_t kShallow = 32;  // depth up to which writing C takes longer than reading B

/// A panel of B: row p begins at data[p * stride]. Where it lies in B itself, tiles of a single
/// vector read no more than its columns, so that narrow layers are not copied; a copy is padded, as
/// masked loads would wait for its stores.
template <class T, bool kInPlace>
struct Panel {
  static constexpr bool kIsInPlace = kInPlace;
  const T* data;
  std::size_t stride;
  std::size_t depth;
};
template <class T, bool kTransposed>
using PanelOf = Panel<T, kMaskedMemory && !kTransposed>;

/// Rows of equal, power-of-two distance fall into few cache sets and evict each other.
template <class T>
bool rows_collide(std::size_t stride) {
  return stride * sizeof(T) % 1024 == 0;
}

/// Copies rows [first, first + depth) and columns [left, left + cols) of B, padded with anything to
/// whole vectors, where reading them in place would be slow or run past the end.
template <class T, bool kTransposed>
PanelOf<T, kTransposed> pack(const Right<T, kTransposed>& b, std::size_t first, std::size_t depth,
                             std::size_t left, std::size_t cols, T* HWY_RESTRICT packed) {
  const hn::ScalableTag<T> d;
  const std::size_t padded = hwy::RoundUpTo(cols, hn::Lanes(d));
  if constexpr (kTransposed) {
    pack_transposed(b.data + left * b.stride + first, b.stride, cols, depth, packed, padded);
  } else {
    pack_rows(b.data + first * b.stride + left, b.stride, depth, cols, packed, padded);
  }
  return {packed, padded, depth};
}

template <class T, bool kTransposed>
void prefetch_panel(const Right<T, kTransposed>& b, std::size_t first, std::size_t depth,
                    std::size_t left, std::size_t cols) {
  for (std::size_t p = first; p < first + depth; ++p) {
    const T* row = b.data + p * b.stride + left;
    for (std::size_t j = 0; j < cols; j += 64 / sizeof(T)) __builtin_prefetch(row + j);
  }
}

/// Whether so many rows of A are multiplied with a copy of columns of B, or with B in place. Of few
/// rows nothing is read twice.
template <class T, bool kTransposed>
bool is_copied(const Right<T, kTransposed>& b, std::size_t rows, std::size_t cols, bool shallow) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  const bool readable = cols % lanes == 0 || (PanelOf<T, kTransposed>::kIsInPlace && cols < lanes);
  const bool evicts_itself = rows_collide<T>(b.stride) && !shallow && rows > kFewRows;
  return kTransposed || !readable || rows >= kPackFrom || evicts_itself;
}

/// How a product is cut into panels.
struct Blocking {
  std::size_t width;   // most columns of a panel
  std::size_t depth;   // most rows of it
  std::size_t height;  // most rows of A that it is multiplied with
  bool is_shallow;
  bool is_far;  // whether panels are fetched ahead
};

template <class T, bool kBTransposed>
Blocking blocking_of(std::size_t rows, std::size_t cols, std::size_t k) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  const std::size_t bytes = cols * k * sizeof(T);
  const bool few = rows <= kFewRows && !kBTransposed;
  const bool shallow = k <= kShallow && !kBTransposed;
  std::size_t vectors = kPanelVectors;
  while (few && tile_rows(vectors) < rows) --vectors;
  const std::size_t width = vectors * lanes;
  return {.width = width,
          .depth = few && bytes >= kLargeBytes ? kFewDepth : kDepth,
          .height = shallow && cols > width ? tile_rows(1) : kHeight,
          .is_shallow = shallow,
          .is_far = few && bytes >= kFarBytes};
}

template <class T, bool kATransposed, bool kBTransposed>
HWY_NOINLINE void multiply_blocks(const Left<T, kATransposed>& a, const Right<T, kBTransposed>& b,
                                  const MatrixView<T>& c, std::size_t k, Store store) {
  using P = PanelOf<T, kBTransposed>;
  const hn::ScalableTag<T> d;
  constexpr std::size_t kMaxLanes = HWY_MAX_BYTES / sizeof(T);
  const std::size_t lanes = hn::Lanes(d);
  const Blocking cut = blocking_of<T, kBTransposed>(c.rows, c.cols, k);
  alignas(64) T packed[kDepth * kPanelVectors * kMaxLanes];
  const std::size_t blocks = (k + cut.depth - 1) / cut.depth;
  for (std::size_t top = 0; top < c.rows; top += cut.height) {
    const std::size_t rows = HWY_MIN(cut.height, c.rows - top);
    for (std::size_t block = 0; block < blocks; ++block) {
      const std::size_t first = k * block / blocks;
      const std::size_t depth = k * (block + 1) / blocks - first;
      const Store how = block == 0 ? store : Store::accumulate;
      for (std::size_t left = 0, cols; left < c.cols; left += cols) {
        cols = HWY_MIN(cut.width, c.cols - left);
        // What is left of a vector is a panel of its own, which need not be copied.
        if (P::kIsInPlace && rows < kPackFrom && cols > lanes) cols -= cols % lanes;
        const P panel = is_copied(b, rows, cols, cut.is_shallow)
                            ? pack(b, first, depth, left, cols, packed)
                            : P{b.data + first * b.stride + left, b.stride, depth};
        if (cut.is_far && left + 3 * cut.width <= c.cols) {
          prefetch_panel(b, first, depth, left + 2 * cut.width, cut.width);
        }
        multiply_columns<kPanelVectors>(d, rows, a.at(top, first), panel,
                                        c.data + top * c.stride + left, c.stride, cols, how);
      }
    }
  }
}

/// Small products take a way of their own, on which next to nothing comes before the first tile.
template <class T, bool kATransposed, bool kBTransposed>
void multiply(const Left<T, kATransposed>& a, const Right<T, kBTransposed>& b,
              const MatrixView<T>& c, std::size_t k, Store store) {
  if constexpr (!kBTransposed) {
    const hn::ScalableTag<T> d;
    if (k == 1) {
      return store == Store::accumulate ? outer_product<true>(d, a.data, a.row_step(), b.data, c)
                                        : outer_product<false>(d, a.data, a.row_step(), b.data, c);
    }
    const bool is_small = c.cols > 0 && c.cols <= kPanelVectors * hn::Lanes(d) && k <= kDepth;
    if (is_small && !is_copied(b, c.rows, c.cols, k <= kShallow)) {
      const PanelOf<T, kBTransposed> panel{b.data, b.stride, k};
      return multiply_columns<kPanelVectors>(d, c.rows, a, panel, c.data, c.stride, c.cols, store);
    }
  }
  multiply_blocks(a, b, c, k, store);
}

void multiply_plain_float(const Left<float, false>& a, const Right<float, false>& b,
                          const MatrixView<float>& c, std::size_t k, Store store) {
  multiply(a, b, c, k, store);
}
void multiply_transposed_float(const Left<float, true>& a, const Right<float, false>& b,
                               const MatrixView<float>& c, std::size_t k, Store store) {
  multiply(a, b, c, k, store);
}
void multiply_by_transposed_float(const Left<float, false>& a, const Right<float, true>& b,
                                  const MatrixView<float>& c, std::size_t k, Store store) {
  multiply(a, b, c, k, store);
}
void multiply_plain_double(const Left<double, false>& a, const Right<double, false>& b,
                           const MatrixView<double>& c, std::size_t k, Store store) {
  multiply(a, b, c, k, store);
}
void multiply_transposed_double(const Left<double, true>& a, const Right<double, false>& b,
                                const MatrixView<double>& c, std::size_t k, Store store) {
  multiply(a, b, c, k, store);
}
void multiply_by_transposed_double(const Left<double, false>& a, const Right<double, true>& b,
                                   const MatrixView<double>& c, std::size_t k, Store store) {
  multiply(a, b, c, k, store);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(multiply_plain_float);
HWY_EXPORT(multiply_transposed_float);
HWY_EXPORT(multiply_by_transposed_float);
HWY_EXPORT(multiply_plain_double);
HWY_EXPORT(multiply_transposed_double);
HWY_EXPORT(multiply_by_transposed_double);

namespace {

void dispatch(const Left<float, false>& a, const Right<float, false>& b, const MatrixView<float>& c,
              std::size_t k, Store store) {
  HWY_DYNAMIC_DISPATCH(multiply_plain_float)(a, b, c, k, store);
}
void dispatch(const Left<float, true>& a, const Right<float, false>& b, const MatrixView<float>& c,
              std::size_t k, Store store) {
  HWY_DYNAMIC_DISPATCH(multiply_transposed_float)(a, b, c, k, store);
}
void dispatch(const Left<float, false>& a, const Right<float, true>& b, const MatrixView<float>& c,
              std::size_t k, Store store) {
  HWY_DYNAMIC_DISPATCH(multiply_by_transposed_float)(a, b, c, k, store);
}
void dispatch(const Left<double, false>& a, const Right<double, false>& b,
              const MatrixView<double>& c, std::size_t k, Store store) {
  HWY_DYNAMIC_DISPATCH(multiply_plain_double)(a, b, c, k, store);
}
void dispatch(const Left<double, true>& a, const Right<double, false>& b,
              const MatrixView<double>& c, std::size_t k, Store store) {
  HWY_DYNAMIC_DISPATCH(multiply_transposed_double)(a, b, c, k, store);
}
void dispatch(const Left<double, false>& a, const Right<double, true>& b,
              const MatrixView<double>& c, std::size_t k, Store store) {
  HWY_DYNAMIC_DISPATCH(multiply_by_transposed_double)(a, b, c, k, store);
}

template <class T>
void matmul_of(const MatrixView<const T>& a, const MatrixView<const T>& b, const MatrixView<T>& c,
               Store store) {
  check_shape("matmul", "A", a, c.rows, b.rows);
  check_shape("matmul", "C", c, a.rows, b.cols);
  if (b.rows == 0 && store == Store::overwrite) return fill_zero(c);
  dispatch(Left<T, false>{a.data, a.stride}, Right<T, false>{b.data, b.stride}, c, b.rows, store);
}

template <class T>
void matmul_transposed_of(const MatrixView<const T>& a, const MatrixView<const T>& b,
                          const MatrixView<T>& c, Store store) {
  check_shape("matmul_transposed", "A", a, b.rows, c.rows);
  check_shape("matmul_transposed", "C", c, a.cols, b.cols);
  if (b.rows == 0 && store == Store::overwrite) return fill_zero(c);
  dispatch(Left<T, true>{a.data, a.stride}, Right<T, false>{b.data, b.stride}, c, b.rows, store);
}

template <class T>
void matmul_by_transposed_of(const MatrixView<const T>& a, const MatrixView<const T>& b,
                             const MatrixView<T>& c, Store store) {
  check_shape("matmul_by_transposed", "A", a, c.rows, b.cols);
  check_shape("matmul_by_transposed", "C", c, a.rows, b.rows);
  if (b.cols == 0 && store == Store::overwrite) return fill_zero(c);
  dispatch(Left<T, false>{a.data, a.stride}, Right<T, true>{b.data, b.stride}, c, b.cols, store);
}

}  // namespace

void matmul(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
            Store store) {
  matmul_of(a, b, c, store);
}
void matmul(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c,
            Store store) {
  matmul_of(a, b, c, store);
}
void matmul_transposed(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
                       Store store) {
  matmul_transposed_of(a, b, c, store);
}
void matmul_transposed(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c,
                       Store store) {
  matmul_transposed_of(a, b, c, store);
}

void matmul_by_transposed(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
                          Store store) {
  matmul_by_transposed_of(a, b, c, store);
}
void matmul_by_transposed(MatrixView<const double> a, MatrixView<const double> b,
                          MatrixView<double> c, Store store) {
  matmul_by_transposed_of(a, b, c, store);
}

}  // namespace ravine
#endif
