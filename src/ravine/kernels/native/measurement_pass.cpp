#include "ravine/kernels/measurement_pass.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/measurement_pass.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/kernels/native/load_double-inl.h"
#include "ravine/kernels/shape_check.hpp"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

constexpr std::size_t kMaxMembers = 6;     // candidates that share the registers of one tile
constexpr std::size_t kTileColumns = 512;  // of x and adjoint, so that those of a tile stay in L1

/// Arrays of one call; x, residuals and adjoint belong to the members of one tile.
template <class T>
struct Pass {
  const T* rows;
  std::size_t row_stride;
  const double* values;
  std::size_t p;
  const double* x;
  std::size_t x_stride;
  double* residuals;
  std::size_t residual_stride;
  double* adjoint;
  std::size_t adjoint_stride;
};

/// sums[i][k] += <rows(first + i, begin : end), x(k, begin : end)>, a vector of partial sums each;
/// the range is a multiple of the vector length.
template <std::size_t kRows, std::size_t kMembers, class D, class T>
void add_products(D d, const Pass<T>& pass, std::size_t first, std::size_t begin, std::size_t end,
                  double* HWY_RESTRICT sums) {
  using V = hn::Vec<D>;
  const std::size_t lanes = hn::Lanes(d);
  const T* HWY_RESTRICT rows = pass.rows + first * pass.row_stride;
  V sum[kRows][kMembers];
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t k = 0; k < kMembers; ++k) {
      sum[i][k] = hn::LoadU(d, sums + (i * kMembers + k) * lanes);
    }
  }
  for (std::size_t j = begin; j < end; j += lanes) {
    V x[kMembers];
    for (std::size_t k = 0; k < kMembers; ++k) x[k] = hn::LoadU(d, pass.x + k * pass.x_stride + j);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kRows; ++i) {
      const V a = load_double(d, rows + i * pass.row_stride + j);
#pragma GCC unroll 8
      for (std::size_t k = 0; k < kMembers; ++k) sum[i][k] = hn::MulAdd(a, x[k], sum[i][k]);
    }
  }
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t k = 0; k < kMembers; ++k) {
      hn::StoreU(sum[i][k], d, sums + (i * kMembers + k) * lanes);
    }
  }
}

/// residuals(k, first + i) from the vectors of partial sums and the columns from `done` on.
template <std::size_t kRows, std::size_t kMembers, class D, class T>
void finish_residuals(D d, const Pass<T>& pass, std::size_t first, std::size_t done,
                      const double* sums) {
  for (std::size_t i = 0; i < kRows; ++i) {
    const T* row = pass.rows + (first + i) * pass.row_stride;
    for (std::size_t k = 0; k < kMembers; ++k) {
      const double* x = pass.x + k * pass.x_stride;
      double product =
          hn::GetLane(hn::SumOfLanes(d, hn::LoadU(d, sums + (i * kMembers + k) * hn::Lanes(d))));
      for (std::size_t j = done; j < pass.p; ++j) product += row[j] * x[j];
      pass.residuals[k * pass.residual_stride + first + i] = product - pass.values[first + i];
    }
  }
}

/// adjoint(k, begin : end) += sum over kRows rows of residual * row; fetches the rows `ahead` rows
/// on.
template <std::size_t kRows, std::size_t kMembers, class D, class T>
void add_adjoint(D d, const Pass<T>& pass, std::size_t first, std::size_t ahead, std::size_t begin,
                 std::size_t end) {
  using V = hn::Vec<D>;
  const std::size_t lanes = hn::Lanes(d);
  const T* HWY_RESTRICT rows = pass.rows + first * pass.row_stride;
  // While these rows come from cache, later ones come from memory; a prefetch past the end is
  // harmless.
  const T* later = rows + ahead * pass.row_stride;
  for (std::size_t j = begin; j < end; j += lanes) {
    V a[kRows];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kRows; ++i) {
      a[i] = load_double(d, rows + i * pass.row_stride + j);
      hwy::Prefetch(later + i * pass.row_stride + j);
    }
#pragma GCC unroll 8
    for (std::size_t k = 0; k < kMembers; ++k) {
      const double* HWY_RESTRICT r = pass.residuals + k * pass.residual_stride + first;
      double* HWY_RESTRICT adjoint = pass.adjoint + k * pass.adjoint_stride + j;
      V sum = hn::LoadU(d, adjoint);
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kRows; ++i) sum = hn::MulAdd(hn::Set(d, r[i]), a[i], sum);
      hn::StoreU(sum, d, adjoint);
    }
  }
}

/// The columns from `begin` on that do not fill a vector.
template <std::size_t kRows, std::size_t kMembers, class T>
void add_adjoint_tail(const Pass<T>& pass, std::size_t first, std::size_t begin) {
  for (std::size_t j = begin; j < pass.p; ++j) {
    for (std::size_t k = 0; k < kMembers; ++k) {
      for (std::size_t i = first; i < first + kRows; ++i) {
        pass.adjoint[k * pass.adjoint_stride + j] +=
            pass.residuals[k * pass.residual_stride + i] * pass.rows[i * pass.row_stride + j];
      }
    }
  }
}

/// kGroups groups of kRows rows, tile by tile of columns: first the residuals, then, from cache,
/// the adjoint.
template <std::size_t kGroups, std::size_t kRows, std::size_t kMembers, class T>
void pass_over_block(const Pass<T>& pass, std::size_t first) {
  const hn::ScalableTag<double> d;
  constexpr std::size_t kSums = kRows * kMembers * HWY_MAX_BYTES / sizeof(double);
  alignas(64) double sums[kGroups][kSums] = {};
  const std::size_t whole = pass.p / hn::Lanes(d) * hn::Lanes(d);
  for (std::size_t begin = 0; begin < whole; begin += kTileColumns) {
    const std::size_t end = HWY_MIN(whole, begin + kTileColumns);
    for (std::size_t g = 0; g < kGroups; ++g) {
      add_products<kRows, kMembers>(d, pass, first + g * kRows, begin, end, sums[g]);
    }
  }
  for (std::size_t g = 0; g < kGroups; ++g) {
    finish_residuals<kRows, kMembers>(d, pass, first + g * kRows, whole, sums[g]);
  }
  for (std::size_t begin = 0; begin < whole; begin += kTileColumns) {
    const std::size_t end = HWY_MIN(whole, begin + kTileColumns);
    for (std::size_t g = 0; g < kGroups; ++g) {
      add_adjoint<kRows, kMembers>(d, pass, first + g * kRows, kGroups * kRows, begin, end);
    }
  }
  for (std::size_t g = 0; g < kGroups; ++g) {
    add_adjoint_tail<kRows, kMembers>(pass, first + g * kRows, whole);
  }
}

// A group has enough independent sums to hide the latency of a multiply-add and few enough to stay
// in registers; the groups of a block share the tiles of x and adjoint.
template <std::size_t kMembers>
inline constexpr std::size_t kGroupRows = kMembers <= 2 ? 8 : 4;
template <std::size_t kMembers>
inline constexpr std::size_t kBlockGroups = kMembers <= 2 ? 1 : 2;

template <std::size_t kMembers, class T>
void pass_over_rows(const Pass<T>& pass, std::size_t m) {
  constexpr std::size_t kRows = kGroupRows<kMembers>;
  constexpr std::size_t kGroups = kBlockGroups<kMembers>;
  std::size_t first = 0;
  for (; first + kGroups * kRows <= m; first += kGroups * kRows) {
    pass_over_block<kGroups, kRows, kMembers>(pass, first);
  }
  for (; first + kRows <= m; first += kRows) pass_over_block<1, kRows, kMembers>(pass, first);
  for (; first < m; ++first) pass_over_block<1, 1, kMembers>(pass, first);
}

/// Chooses the tile for 1 .. kMembers candidates.
template <std::size_t kMembers, class T>
void pass_for(const Pass<T>& pass, std::size_t m, std::size_t members) {
  if (members == kMembers) {
    pass_over_rows<kMembers>(pass, m);
  } else if constexpr (kMembers > 1) {
    pass_for<kMembers - 1>(pass, m, members);
  }
}

template <class T>
void measurement_pass_of(MatrixView<const T> rows, const double* values, MatrixView<const double> x,
                         MatrixView<double> residuals, MatrixView<double> adjoint) {
  // Of more candidates than a tile takes, each group passes over the rows while they are in cache.
  const std::size_t block = x.rows <= kMaxMembers ? rows.rows : 24;
  for (std::size_t top = 0; top < rows.rows; top += block) {
    const std::size_t count = HWY_MIN(block, rows.rows - top);
    for (std::size_t k = 0; k < x.rows; k += kMaxMembers) {
      const Pass<T> pass{rows.data + top * rows.stride,
                         rows.stride,
                         values + top,
                         rows.cols,
                         x.data + k * x.stride,
                         x.stride,
                         residuals.data + k * residuals.stride + top,
                         residuals.stride,
                         adjoint.data + k * adjoint.stride,
                         adjoint.stride};
      pass_for<kMaxMembers>(pass, count, HWY_MIN(kMaxMembers, x.rows - k));
    }
  }
}

void measurement_pass_float(MatrixView<const float> rows, const double* values,
                            MatrixView<const double> x, MatrixView<double> residuals,
                            MatrixView<double> adjoint) {
  measurement_pass_of(rows, values, x, residuals, adjoint);
}
void measurement_pass_double(MatrixView<const double> rows, const double* values,
                             MatrixView<const double> x, MatrixView<double> residuals,
                             MatrixView<double> adjoint) {
  measurement_pass_of(rows, values, x, residuals, adjoint);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(measurement_pass_float);
HWY_EXPORT(measurement_pass_double);

namespace {

template <class T>
void check_shapes(MatrixView<const T> rows, std::span<const double> values,
                  MatrixView<const double> x, MatrixView<double> residuals,
                  MatrixView<double> adjoint) {
  check_shape("measurement_pass", "x", x, x.rows, rows.cols);
  check_shape("measurement_pass", "adjoint", adjoint, x.rows, rows.cols);
  check_shape("measurement_pass", "residuals", residuals, x.rows, rows.rows);
  check_shape("measurement_pass", "values", MatrixView(values.data(), 1, values.size()), 1,
              rows.rows);
}

}  // namespace

void measurement_pass(MatrixView<const float> rows, std::span<const double> values,
                      MatrixView<const double> x, MatrixView<double> residuals,
                      MatrixView<double> adjoint) {
  check_shapes(rows, values, x, residuals, adjoint);
  HWY_DYNAMIC_DISPATCH(measurement_pass_float)(rows, values.data(), x, residuals, adjoint);
}
void measurement_pass(MatrixView<const double> rows, std::span<const double> values,
                      MatrixView<const double> x, MatrixView<double> residuals,
                      MatrixView<double> adjoint) {
  check_shapes(rows, values, x, residuals, adjoint);
  HWY_DYNAMIC_DISPATCH(measurement_pass_double)(rows, values.data(), x, residuals, adjoint);
}

}  // namespace ravine
#endif
