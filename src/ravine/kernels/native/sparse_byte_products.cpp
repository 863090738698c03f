#include <algorithm>

#include "ravine/kernels/sparse_byte_matrix.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/sparse_byte_products.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/kernels/native/pack-inl.h"
#include "ravine/kernels/native/partial_vector-inl.h"
#include "ravine/kernels/shape_check.hpp"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kGroup = SparseByteMatrix::kGroup;
constexpr std::size_t kBlock = SparseByteMatrix::kBlock;
// With 32 registers a tile of 4 x 4 vectors, with 16 one of 4 x 2.
constexpr std::size_t kMostVectors = (HWY_TARGET <= HWY_AVX3) ? 4 : 2;
constexpr std::size_t kMostLanes = HWY_MAX_BYTES / sizeof(float);
constexpr std::size_t kMostWidth = kMostVectors * kMostLanes;
constexpr std::size_t kColumns = 16;  // of A^T X, transposed at a time

/// Some rows of the other operand, of `vectors` vectors, and what the background makes of their
/// sum.
struct Panel {
  alignas(64) float rows[kBlock * kMostWidth];
  alignas(64) float base[kMostWidth];
  std::size_t depth = 0, vectors = 0, width = 0;

  void set_size(std::size_t new_depth, std::size_t cols) {
    const std::size_t lanes = hn::Lanes(hn::ScalableTag<float>());
    depth = new_depth;
    vectors = (cols + lanes - 1) / lanes;
    width = vectors * lanes;
  }

  /// Where the other operand is not finite all results are NaN, whatever is left out.
  void set_base(float background) {
    const hn::ScalableTag<float> d;
    for (std::size_t j = 0; j < width; j += hn::Lanes(d)) {
      auto sum = hn::Zero(d);
      for (std::size_t p = 0; p < depth; ++p) sum = hn::Add(sum, hn::Load(d, rows + p * width + j));
      const auto nothing = hn::Sub(sum, sum);
      hn::Store(hn::MulAdd(hn::Set(d, background), sum, nothing), d, base + j);
    }
  }
};

/// Element (i, p) of a group at bytes[i * row_step + p * depth_step], and where any is not
/// background.
struct Group {
  const std::uint8_t* bytes;
  std::size_t row_step, depth_step;
  std::span<const std::uint8_t> places;
};

/// C (+)= kRows rows of a group times the panel, the last vector masked when C ends before it.
template <std::size_t kRows, std::size_t kVectors>
void multiply_tile(const Group& x, const float* HWY_RESTRICT contrasts, const Panel& panel,
                   MatrixView<float> c, Store store) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  const VectorRow<kVectors, decltype(d)> columns(d, c.cols);
  V sum[kRows][kVectors];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < kVectors; ++j) sum[i][j] = hn::Load(d, panel.base + j * lanes);
  }
  if (store == Store::accumulate) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kRows; ++i) {
      V old[kVectors];
      columns.load(d, c.data + i * c.stride, old);
#pragma GCC unroll 4
      for (std::size_t j = 0; j < kVectors; ++j) sum[i][j] = hn::Add(sum[i][j], old[j]);
    }
  }
  for (const std::size_t p : x.places) {
    const std::uint8_t* HWY_RESTRICT left = x.bytes + p * x.depth_step;
    const float* HWY_RESTRICT right = panel.rows + p * (kVectors * lanes);
    V row[kVectors];
#pragma GCC unroll 4
    for (std::size_t j = 0; j < kVectors; ++j) row[j] = hn::Load(d, right + j * lanes);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kRows; ++i) {
      const V factor = hn::Set(d, contrasts[left[i * x.row_step]]);
#pragma GCC unroll 4
      for (std::size_t j = 0; j < kVectors; ++j) sum[i][j] = hn::MulAdd(factor, row[j], sum[i][j]);
    }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kRows; ++i) columns.store(sum[i], d, c.data + i * c.stride);
}

/// Chooses the tile of so many rows and vectors.
template <std::size_t kRows = kGroup, std::size_t kVectors = kMostVectors>
void multiply_group(const Group& x, const float* contrasts, const Panel& panel, MatrixView<float> c,
                    Store store) {
  if constexpr (kVectors > 1) {
    if (panel.vectors < kVectors) {
      return multiply_group<kRows, kVectors - 1>(x, contrasts, panel, c, store);
    }
  }
  if constexpr (kRows > 1) {
    if (c.rows < kRows) return multiply_group<kRows - 1, kVectors>(x, contrasts, panel, c, store);
  }
  multiply_tile<kRows, kVectors>(x, contrasts, panel, c, store);
}

/// Calls take(first, depth, block) for the blocks of so many columns, or rows, of X.
template <class Take>
void for_each_block(std::size_t size, Take take) {
  for (std::size_t first = 0; first < size; first += kBlock) {
    take(first, HWY_MIN(kBlock, size - first), first / kBlock);
  }
}

void multiply_by_transposed(const SparseByteMatrix& x, const MatrixView<const float>& b,
                            const MatrixView<float>& c, Store store) {
  const std::size_t most = kMostVectors * hn::Lanes(hn::ScalableTag<float>());
  Panel panel;
  for (std::size_t left = 0; left < c.cols; left += most) {
    const std::size_t cols = HWY_MIN(most, c.cols - left);
    for_each_block(x.cols(), [&](std::size_t first, std::size_t depth, std::size_t block) {
      panel.set_size(depth, cols);
      pack_transposed(b.row(left).data() + first, b.stride, cols, depth, panel.rows, panel.width);
      panel.set_base(x.background());
      for (std::size_t group = 0; group < x.row_groups(); ++group) {
        const std::size_t top = group * kGroup;
        multiply_group(
            {x.bytes() + top * x.stride() + first, x.stride(), 1, x.columns_of(group, block)},
            x.contrasts().data(), panel,
            {c.data + top * c.stride + left, HWY_MIN(kGroup, c.rows - top), cols, c.stride},
            block == 0 ? store : Store::accumulate);
      }
    });
  }
}

/// to(i, j) = from(j, i) for some columns of A^T X, from (columns, width) or back.
void transpose(const MatrixView<const float>& from, const MatrixView<float>& to) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  if (from.rows % lanes == 0) {
    return pack_transposed(from.data, from.stride, from.rows, from.cols, to.data, to.stride);
  }
  alignas(64) float turned[kColumns * kMostWidth];
  const std::size_t stride = hwy::RoundUpTo(from.rows, lanes);
  pack_transposed(from.data, from.stride, from.rows, from.cols, turned, stride);
  for (std::size_t i = 0; i < to.rows; ++i) {
    std::copy_n(turned + i * stride, to.cols, to.row(i).data());
  }
}

void multiply_transposed(const MatrixView<const float>& a, const SparseByteMatrix& x,
                         const MatrixView<float>& c, Store store) {
  const std::size_t most = kMostVectors * hn::Lanes(hn::ScalableTag<float>());
  Panel panel;
  alignas(64) float turned[kColumns * kMostWidth];
  for (std::size_t top = 0; top < c.rows; top += most) {
    const std::size_t rows = HWY_MIN(most, c.rows - top);
    for_each_block(x.rows(), [&](std::size_t first, std::size_t depth, std::size_t block) {
      panel.set_size(depth, rows);
      pack_rows(a.data + first * a.stride + top, a.stride, depth, rows, panel.rows, panel.width);
      panel.set_base(x.background());
      const Store how = block == 0 ? store : Store::accumulate;
      for (std::size_t left = 0; left < c.cols; left += kColumns) {
        const std::size_t cols = HWY_MIN(kColumns, c.cols - left);
        const MatrixView<float> part(c.data + top * c.stride + left, rows, cols, c.stride);
        const MatrixView<float> columns(turned, cols, rows, panel.width);
        if (how == Store::accumulate) transpose(part, columns);
        for (std::size_t j = 0; j < cols; j += kGroup) {
          multiply_group({x.bytes() + first * x.stride() + left + j, 1, x.stride(),
                          x.rows_of((left + j) / kGroup, block)},
                         x.contrasts().data(), panel,
                         columns.middle_rows(j, HWY_MIN(kGroup, cols - j)), how);
        }
        transpose(columns, part);
      }
    });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(multiply_by_transposed);
HWY_EXPORT(multiply_transposed);

void matmul_by_transposed(const SparseByteMatrix& x, MatrixView<const float> b, MatrixView<float> c,
                          Store store) {
  check_shape("matmul_by_transposed", "B", b, c.cols, x.cols());
  check_shape("matmul_by_transposed", "C", c, x.rows(), b.rows);
  if (x.cols() == 0 && store == Store::overwrite) return fill_zero(c);
  HWY_DYNAMIC_DISPATCH(multiply_by_transposed)(x, b, c, store);
}

void matmul_transposed(MatrixView<const float> a, const SparseByteMatrix& x, MatrixView<float> c,
                       Store store) {
  check_shape("matmul_transposed", "A", a, x.rows(), c.rows);
  check_shape("matmul_transposed", "C", c, a.cols, x.cols());
  if (x.rows() == 0 && store == Store::overwrite) return fill_zero(c);
  HWY_DYNAMIC_DISPATCH(multiply_transposed)(a, x, c, store);
}

}  // namespace ravine
#endif
