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

/// For kRows rows from `first` on and a tile of columns, a multiple of the vector length:
/// sums[i][k] += <rows(first + i, begin : end), x(k, begin : end)>, a vector of partial sums each.
template <std::size_t kRows, std::size_t kMembers, class D, class T>
struct Products {
  using V = hn::Vec<D>;
  V sum[kRows][kMembers];

  Products(D d, const double* sums) {
    for (std::size_t i = 0; i < kRows; ++i) {
      for (std::size_t k = 0; k < kMembers; ++k) {
        sum[i][k] = hn::LoadU(d, sums + (i * kMembers + k) * hn::Lanes(d));
      }
    }
  }
  void store(D d, double* sums) const {
    for (std::size_t i = 0; i < kRows; ++i) {
      for (std::size_t k = 0; k < kMembers; ++k) {
        hn::StoreU(sum[i][k], d, sums + (i * kMembers + k) * hn::Lanes(d));
      }
    }
  }
  void add(D d, const Pass<T>& pass, std::size_t first, std::size_t j) {
    const T* HWY_RESTRICT rows = pass.rows + first * pass.row_stride + j;
    V x[kMembers];
    for (std::size_t k = 0; k < kMembers; ++k) x[k] = hn::LoadU(d, pass.x + k * pass.x_stride + j);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kRows; ++i) {
      const V a = load_double(d, rows + i * pass.row_stride);
#pragma GCC unroll 8
      for (std::size_t k = 0; k < kMembers; ++k) sum[i][k] = hn::MulAdd(a, x[k], sum[i][k]);
    }
  }
};

/// adjoint(k, j : j + lanes) += sum over kRows rows of residual * row
template <std::size_t kRows, std::size_t kMembers, class D, class T>
struct Adjoint {
  using V = hn::Vec<D>;
  V residual[kRows][kMembers];

  Adjoint(D d, const Pass<T>& pass, std::size_t first) {
    for (std::size_t i = 0; i < kRows; ++i) {
      for (std::size_t k = 0; k < kMembers; ++k) {
        residual[i][k] = hn::Set(d, pass.residuals[k * pass.residual_stride + first + i]);
      }
    }
  }
  void add(D d, const Pass<T>& pass, std::size_t first, std::size_t j) const {
    const T* HWY_RESTRICT rows = pass.rows + first * pass.row_stride + j;
    double* HWY_RESTRICT adjoint = pass.adjoint + j;
    V sum[kMembers];
    for (std::size_t k = 0; k < kMembers; ++k) {
      sum[k] = hn::LoadU(d, adjoint + k * pass.adjoint_stride);
    }
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kRows; ++i) {
      const V a = load_double(d, rows + i * pass.row_stride);
      // While these rows come from cache, the next ones come from memory; a prefetch past the end
      // is harmless.
      if (j / hn::Lanes(d) % 2 == i % 2)
        __builtin_prefetch(rows + (i + kRows) * pass.row_stride, 0, 2);
#pragma GCC unroll 8
      for (std::size_t k = 0; k < kMembers; ++k) {
        sum[k] = hn::MulAdd(residual[i][k], a, sum[k]);
      }
    }
    for (std::size_t k = 0; k < kMembers; ++k) {
      hn::StoreU(sum[k], d, adjoint + k * pass.adjoint_stride);
    }
  }
};

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

/// Calls work(begin, end) for every tile of the columns before `whole`.
template <class Work>
void for_each_tile(std::size_t whole, Work work) {
  for (std::size_t begin = 0; begin < whole; begin += kTileColumns) {
    work(begin, HWY_MIN(whole, begin + kTileColumns));
  }
}

/// kRows rows at a time: first the residuals, then, from cache, the adjoint.
template <std::size_t kRows, std::size_t kMembers, class T>
void pass_over_groups(const Pass<T>& pass, std::size_t first, std::size_t groups) {
  const hn::ScalableTag<double> d;
  using D = decltype(d);
  constexpr std::size_t kSums = kRows * kMembers * HWY_MAX_BYTES / sizeof(double);
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = pass.p / lanes * lanes;
  for (std::size_t top = first; top < first + groups * kRows; top += kRows) {
    alignas(64) double sums[kSums] = {};
    for_each_tile(whole, [&](std::size_t begin, std::size_t end) {
      Products<kRows, kMembers, D, T> products(d, sums);
      for (std::size_t j = begin; j < end; j += lanes) products.add(d, pass, top, j);
      products.store(d, sums);
    });
    finish_residuals<kRows, kMembers>(d, pass, top, whole, sums);
    const Adjoint<kRows, kMembers, D, T> adjoint(d, pass, top);
    for_each_tile(whole, [&](std::size_t begin, std::size_t end) {
      for (std::size_t j = begin; j < end; j += lanes) adjoint.add(d, pass, top, j);
    });
    add_adjoint_tail<kRows, kMembers>(pass, top, whole);
  }
}

// A group has enough independent sums to hide the latency of a multiply-add and few enough to stay
// in registers.
template <std::size_t kMembers>
inline constexpr std::size_t kGroupRows = kMembers <= 2 ? 8 : 4;

template <std::size_t kMembers, class T>
void pass_over_rows(const Pass<T>& pass, std::size_t m) {
  constexpr std::size_t kRows = kGroupRows<kMembers>;
  const std::size_t groups = m / kRows;
  if (groups > 0) pass_over_groups<kRows, kMembers>(pass, 0, groups);
  if (m > groups * kRows) pass_over_groups<1, kMembers>(pass, groups * kRows, m - groups * kRows);
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
