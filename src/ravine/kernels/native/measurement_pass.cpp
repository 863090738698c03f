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

constexpr std::size_t kSecondLevelBytes = 640 << 10;  // of the cache, left to rows

/// Arrays of one call; the rows are added to the adjoint by their residuals.
template <class T>
struct Pass : RowPass<T> {
  double* residuals;
  const double* values;
  std::size_t p;
};

/// The residuals of kRows rows from the vectors of partial sums of their first `whole` columns.
template <std::size_t kRows, std::size_t kMembers, class D, class T>
void finish_residuals(D d, const Pass<T>& pass, std::size_t top, std::size_t whole,
                      const double* sums) {
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t k = 0; k < kMembers; ++k) {
      pass.residuals[k * pass.factor_stride + top + i] =
          finish_product(d, pass, top + i, k, whole, pass.p,
                         sums + (i * kMembers + k) * hn::Lanes(d)) -
          pass.values[top + i];
    }
  }
}

/// For few candidates, which wait for memory: kRows rows at a time, first the residuals, then, from
/// cache, the adjoint.
template <std::size_t kRows, std::size_t kMembers, class T>
void pass_over_groups(const Pass<T>& pass, std::size_t first, std::size_t groups) {
  const hn::ScalableTag<double> d;
  using D = decltype(d);
  constexpr std::size_t kSums = kRows * kMembers * HWY_MAX_BYTES / sizeof(double);
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = pass.p / lanes * lanes;
  for (std::size_t top = first; top < first + groups * kRows; top += kRows) {
    alignas(64) double sums[kSums] = {};
    NextGroup<kRows, 2, D, T> next(pass.rows + (top + kRows) * pass.row_stride);
    for_each_tile(whole, [&](std::size_t begin, std::size_t end) {
      add_products<kRows, kMembers, D, T>(d, pass, top, begin, end, sums, next);
    });
    finish_residuals<kRows, kMembers>(d, pass, top, whole, sums);
    const Adjoint<kRows, kMembers, D, T> adjoint(d, pass, top);
    for (std::size_t j = 0; j < whole; j += lanes) adjoint.add(d, pass, top, j, next);
    add_adjoint_tail<kRows, kMembers>(pass, top, whole, pass.p);
  }
}

/// The same for more candidates, whose arithmetic takes longer and whose x and adjoint exceed the
/// first-level cache: a tile of these stays there for all groups of a block of rows, while the next
/// block comes from memory.
template <std::size_t kRows, std::size_t kMembers, class T>
void tiled_pass_over_groups(const Pass<T>& pass, std::size_t first, std::size_t groups) {
  const hn::ScalableTag<double> d;
  using D = decltype(d);
  constexpr std::size_t kSums = kRows * kMembers * HWY_MAX_BYTES / sizeof(double);
  constexpr std::size_t kGroups = 4;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = pass.p / lanes * lanes;
  for (std::size_t done = 0; done < groups; done += kGroups) {
    const std::size_t count = HWY_MIN(kGroups, groups - done);
    const auto top = [&](std::size_t g) { return first + (done + g) * kRows; };
    alignas(64) double sums[kGroups][kSums] = {};
    for_each_tile(whole, [&](std::size_t begin, std::size_t end) {
      for (std::size_t g = 0; g < count; ++g) {
        add_products<kRows, kMembers, D, T>(d, pass, top(g), begin, end, sums[g], no_fetch<T>);
      }
    });
    for (std::size_t g = 0; g < count; ++g) {
      finish_residuals<kRows, kMembers>(d, pass, top(g), whole, sums[g]);
    }
    NextGroup<kRows, 1, D, T> next(pass.rows + top(count) * pass.row_stride);
    for_each_tile(whole, [&](std::size_t begin, std::size_t end) {
      for (std::size_t g = 0; g < count; ++g) {
        const Adjoint<kRows, kMembers, D, T> adjoint(d, pass, top(g));
        for (std::size_t j = begin; j < end; j += lanes) adjoint.add(d, pass, top(g), j, next);
      }
    });
    for (std::size_t g = 0; g < count; ++g) {
      add_adjoint_tail<kRows, kMembers>(pass, top(g), whole, pass.p);
    }
  }
}

/// Calls add(j, fetch) for each vector of the first `whole` columns, where fetch gets the row from
/// memory some cache lines ahead.
template <class T, class Add>
void for_each_vector_ahead(std::size_t whole, std::size_t lanes, Add add) {
  constexpr std::size_t kLine = kLineBytes / sizeof(T);  // columns
  const auto ahead = [](std::size_t, const T* row) { __builtin_prefetch(row + 16 * kLine); };
  std::size_t j = 0;
  for (; j + kLine <= whole; j += kLine) {
    add(j, ahead);
#pragma GCC unroll 8
    for (std::size_t v = lanes; v < kLine; v += lanes) add(j + v, no_fetch<T>);
  }
  for (; j < whole; j += lanes) add(j, no_fetch<T>);
}

/// The same for one candidate where registers hold the products of one group and the factors of the
/// group before it: the rows of the one come from memory while those of the other, still in cache,
/// are added to the adjoint.
template <std::size_t kRows, class T>
void interleaved_pass_over_groups(const Pass<T>& pass, std::size_t first, std::size_t groups) {
  const hn::ScalableTag<double> d;
  using D = decltype(d);
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = pass.p / lanes * lanes;
  const std::size_t end = first + groups * kRows;
  for (std::size_t top = first; top <= end; top += kRows) {
    alignas(64) double sums[kRows * HWY_MAX_BYTES / sizeof(double)] = {};
    Products<kRows, 1, D, T> products(d, sums);
    const std::size_t before = top == first ? top : top - kRows;
    const Adjoint<kRows, 1, D, T> adjoint(d, pass, before);
    for_each_vector_ahead<T>(whole, lanes, [&](std::size_t j, auto fetch) {
      if (top < end) products.add(d, pass, top, j, fetch);
      if (top > first) adjoint.add(d, pass, before, j, no_fetch<T>);
    });
    if (top > first) add_adjoint_tail<kRows, 1>(pass, before, whole, pass.p);
    if (top == end) return;
    products.store(d, sums);
    finish_residuals<kRows, 1>(d, pass, top, whole, sums);
  }
}

/// Chooses between the two.
template <std::size_t kRows, std::size_t kMembers, class T>
void pass_over(const Pass<T>& pass, std::size_t first, std::size_t groups) {
  if constexpr (kMembers == 1 && kRows > 1 && HWY_TARGET <= HWY_AVX3) {
    if (2 * kRows * pass.p * sizeof(T) <= kSecondLevelBytes) {
      if (groups > 0) interleaved_pass_over_groups<kRows>(pass, first, groups);
    } else {
      pass_over_groups<kRows / 2, 1>(pass, first, 2 * groups);
    }
    return;
  }
  if constexpr (kMembers > 2) {
    tiled_pass_over_groups<kRows, kMembers>(pass, first, groups);
  } else {
    pass_over_groups<kRows, kMembers>(pass, first, groups);
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
                       pass_over<group(), members()>(pass, first, groups);
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
