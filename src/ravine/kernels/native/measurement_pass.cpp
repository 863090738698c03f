#include "ravine/kernels/measurement_pass.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/measurement_pass.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/kernels/native/row_pass-inl.h"
#include "ravine/kernels/shape_check.hpp"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

/// Arrays of one call; the rows are added to the adjoint by their residuals.
template <class T>
struct Pass : RowPass<T> {
  double* residuals;
  const double* values;
  std::size_t p;
};

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
      add_products<kRows, kMembers, D, T>(d, pass, top, begin, end, sums);
    });
    for (std::size_t i = 0; i < kRows; ++i) {
      for (std::size_t k = 0; k < kMembers; ++k) {
        pass.residuals[k * pass.factor_stride + top + i] =
            finish_product(d, pass, top + i, k, whole, pass.p, sums + (i * kMembers + k) * lanes) -
            pass.values[top + i];
      }
    }
    const Adjoint<kRows, kMembers, D, T> adjoint(d, pass, top);
    for_each_tile(whole, [&](std::size_t begin, std::size_t end) {
      for (std::size_t j = begin; j < end; j += lanes) adjoint.add(d, pass, top, j);
    });
    add_adjoint_tail<kRows, kMembers>(pass, top, whole, pass.p);
  }
}

template <class T>
void measurement_pass_of(MatrixView<const T> rows, const double* values, MatrixView<const double> x,
                         MatrixView<double> residuals, MatrixView<double> adjoint) {
  // Of more candidates than a tile takes, each group passes over the rows while they are in cache.
  const std::size_t block = x.rows <= kMaxMembers ? rows.rows : kCachedRows;
  for (std::size_t top = 0; top < rows.rows; top += block) {
    const std::size_t count = HWY_MIN(block, rows.rows - top);
    for (std::size_t k = 0; k < x.rows; k += kMaxMembers) {
      double* const r = residuals.data + k * residuals.stride + top;
      const Pass<T> pass{
          {rows.data + top * rows.stride, rows.stride, x.data + k * x.stride, x.stride, r,
           residuals.stride, adjoint.data + k * adjoint.stride, adjoint.stride},
          r,
          values + top,
          rows.cols};
      for_row_groups(count, HWY_MIN(kMaxMembers, x.rows - k),
                     [&](auto group, auto members, std::size_t first, std::size_t groups) {
                       pass_over_groups<group(), members()>(pass, first, groups);
                     });
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
