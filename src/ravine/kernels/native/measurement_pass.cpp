#include "ravine/kernels/measurement_pass.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/measurement_pass.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/kernels/native/load_double-inl.h"
#include "ravine/kernels/shape_check.hpp"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

constexpr std::size_t kMaxMembers = 6;  // candidates that share the registers of one tile

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

/// residuals(k, first + i) for kRows rows and kMembers candidates.
template <std::size_t kRows, std::size_t kMembers, class T>
void compute_residuals(const Pass<T>& pass, std::size_t first) {
  const hn::ScalableTag<double> d;
  using V = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  const T* HWY_RESTRICT rows = pass.rows + first * pass.row_stride;
  V sum[kRows][kMembers];
  for (auto& of_row : sum) {
    for (V& entry : of_row) entry = hn::Zero(d);
  }
  std::size_t j = 0;
  for (; j + lanes <= pass.p; j += lanes) {
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
      double product = hn::GetLane(hn::SumOfLanes(d, sum[i][k]));
      for (std::size_t rest = j; rest < pass.p; ++rest) {
        product += rows[i * pass.row_stride + rest] * pass.x[k * pass.x_stride + rest];
      }
      pass.residuals[k * pass.residual_stride + first + i] = product - pass.values[first + i];
    }
  }
}

/// adjoint(k, :) += sum over kRows rows of residual * row.
template <std::size_t kRows, std::size_t kMembers, class T>
void add_adjoint(const Pass<T>& pass, std::size_t first) {
  const hn::ScalableTag<double> d;
  using V = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  const T* HWY_RESTRICT rows = pass.rows + first * pass.row_stride;
  std::size_t j = 0;
  for (; j + lanes <= pass.p; j += lanes) {
    V a[kRows];
    for (std::size_t i = 0; i < kRows; ++i) a[i] = load_double(d, rows + i * pass.row_stride + j);
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
  for (; j < pass.p; ++j) {
    for (std::size_t k = 0; k < kMembers; ++k) {
      for (std::size_t i = 0; i < kRows; ++i) {
        pass.adjoint[k * pass.adjoint_stride + j] +=
            pass.residuals[k * pass.residual_stride + first + i] * rows[i * pass.row_stride + j];
      }
    }
  }
}

template <std::size_t kMembers, class T>
void pass_over_rows(const Pass<T>& pass, std::size_t m) {
  // Enough independent sums to hide the latency of a multiply-add, few enough to stay in registers.
  constexpr std::size_t kRows = kMembers <= 2 ? 8 : 4;
  std::size_t first = 0;
  for (; first + kRows <= m; first += kRows) {
    compute_residuals<kRows, kMembers>(pass, first);
    add_adjoint<kRows, kMembers>(pass, first);
  }
  for (; first < m; ++first) {
    compute_residuals<1, kMembers>(pass, first);
    add_adjoint<1, kMembers>(pass, first);
  }
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
  // Rows go through the second-level cache a few at a time, so groups of candidates share them
  // there.
  constexpr std::size_t kBlock = 8;
  for (std::size_t top = 0; top < rows.rows; top += kBlock) {
    const std::size_t count = HWY_MIN(kBlock, rows.rows - top);
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
