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

// Rows are long when the second-level cache does not hold two of the largest groups of them beside
// x and adjoint.
constexpr std::size_t kSecondLevelBytes = 640 << 10;

/// Arrays of one call; the rows are added to the adjoint by their residuals.
template <class T>
struct Pass : RowPass<T> {
  double* residuals;
  const double* values;
  std::size_t p;
};

template <class T>
bool has_long_rows(const Pass<T>& pass) {
  return 2 * kGroupRows<1> * pass.p * sizeof(T) > kSecondLevelBytes;
}

/// Calls add(j, fetch) for each vector of the columns begin .. end - 1, where fetch is `ahead` once
/// a cache line of a row.
template <class T, class Ahead, class Add>
void for_each_line(std::size_t begin, std::size_t end, std::size_t lanes, Ahead ahead, Add add) {
  constexpr std::size_t kLine = kLineBytes / sizeof(T);  // columns
  std::size_t j = begin;
  for (; j + kLine <= end; j += kLine) {
    add(j, ahead);
#pragma GCC unroll 8
    for (std::size_t v = lanes; v < kLine; v += lanes) add(j + v, no_fetch<T>);
  }
  for (; j < end; j += lanes) add(j, no_fetch<T>);
}

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
    for (std::size_t j = 0; j < whole; j += lanes) adjoint.add(d, j, next);
    add_adjoint_tail<kRows, kMembers>(pass, top, whole, pass.p);
  }
}

/// The same for more candidates, whose arithmetic takes longer and whose x and adjoint exceed the
/// first-level cache: a tile of these stays there for all groups of a block of rows. Where rows are
/// short, the next block comes from memory meanwhile; where they are long, the block itself does, a
/// group ahead.
template <std::size_t kRows, std::size_t kMembers, bool kLong, class T>
void tiled_pass_over_groups(const Pass<T>& pass, std::size_t first, std::size_t groups) {
  const hn::ScalableTag<double> d;
  using D = decltype(d);
  constexpr std::size_t kSums = kRows * kMembers * HWY_MAX_BYTES / sizeof(double);
  constexpr std::size_t kGroups = 4;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = pass.p / lanes * lanes;
  const auto ahead = group_ahead<kRows, T>(pass);
  for (std::size_t done = 0; done < groups; done += kGroups) {
    const std::size_t count = HWY_MIN(kGroups, groups - done);
    const auto top = [&](std::size_t g) { return first + (done + g) * kRows; };
    alignas(64) double sums[kGroups][kSums] = {};
    NextGroup<kRows, 2, D, T> next(pass.rows + top(count) * pass.row_stride);
    for_each_tile(whole, [&](std::size_t begin, std::size_t end) {
      for (std::size_t g = 0; g < count; ++g) {
        Products<kRows, kMembers, D, T> products(d, sums[g]);
        if constexpr (kLong) {
          for_each_line<T>(begin, end, lanes, ahead, [&](std::size_t j, auto fetch) {
            products.add(d, pass, top(g), j, fetch);
          });
        } else {
          for (std::size_t j = begin; j < end; j += lanes) products.add(d, pass, top(g), j, next);
        }
        products.store(d, sums[g]);
      }
    });
    for (std::size_t g = 0; g < count; ++g) {
      finish_residuals<kRows, kMembers>(d, pass, top(g), whole, sums[g]);
    }
    for_each_tile(whole, [&](std::size_t begin, std::size_t end) {
      for (std::size_t g = 0; g < count; ++g) {
        const Adjoint<kRows, kMembers, D, T> adjoint(d, pass, top(g));
        if constexpr (kLong) {
          for_each_line<T>(begin, end, lanes, ahead,
                           [&](std::size_t j, auto fetch) { adjoint.add(d, j, fetch); });
        } else {
          for (std::size_t j = begin; j < end; j += lanes) adjoint.add(d, j, next);
        }
      }
    });
    for (std::size_t g = 0; g < count; ++g) {
      add_adjoint_tail<kRows, kMembers>(pass, top(g), whole, pass.p);
    }
  }
}

/// The same where registers hold the products of one group and the factors of the group before it:
/// the rows of the one come from memory while those of the other, still in cache, are added to the
/// adjoint.
template <std::size_t kRows, std::size_t kMembers, class T>
void interleaved_pass_over_groups(const Pass<T>& pass, std::size_t first, std::size_t groups) {
  if (groups == 0) return;
  const hn::ScalableTag<double> d;
  using D = decltype(d);
  constexpr std::size_t kAhead = 16 * kLineBytes / sizeof(T);  // columns
  const auto ahead = [](std::size_t, const T* row) { __builtin_prefetch(row + kAhead); };
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = pass.p / lanes * lanes;
  const std::size_t end = first + groups * kRows;
  for (std::size_t top = first; top <= end; top += kRows) {
    alignas(64) double sums[kRows * kMembers * HWY_MAX_BYTES / sizeof(double)] = {};
    Products<kRows, kMembers, D, T> products(d, sums);
    const std::size_t before = top == first ? top : top - kRows;
    const Adjoint<kRows, kMembers, D, T> adjoint(d, pass, before);
    for_each_line<T>(0, whole, lanes, ahead, [&](std::size_t j, auto fetch) {
      if (top < end) products.add(d, pass, top, j, fetch);
      if (top > first) adjoint.add(d, j, no_fetch<T>);
    });
    if (top > first) add_adjoint_tail<kRows, kMembers>(pass, before, whole, pass.p);
    if (top == end) return;
    products.store(d, sums);
    finish_residuals<kRows, kMembers>(d, pass, top, whole, sums);
  }
}

/// Chooses among the three.
template <std::size_t kRows, std::size_t kMembers, class T>
void pass_over(const Pass<T>& pass, std::size_t first, std::size_t groups) {
  constexpr bool kHasRegisters = HWY_TARGET <= HWY_AVX3;
  const bool is_long = has_long_rows(pass);
  if constexpr (kHasRegisters && kMembers == 1 && kRows > 1) {
    return interleaved_pass_over_groups<kRows, kMembers>(pass, first, groups);
  } else if constexpr (kMembers <= 2) {
    if constexpr (kHasRegisters && kRows == kLongRows) {
      if (is_long) return interleaved_pass_over_groups<kRows, kMembers>(pass, first, groups);
    }
    pass_over_groups<kRows, kMembers>(pass, first, groups);
  } else if (!is_long) {
    tiled_pass_over_groups<kRows, kMembers, false>(pass, first, groups);
  } else if constexpr (kHasRegisters && kMembers == 3 && kRows == kLongRows) {
    interleaved_pass_over_groups<kRows, kMembers>(pass, first, groups);
  } else {
    tiled_pass_over_groups<kRows, kMembers, true>(pass, first, groups);
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
      for_row_groups(count, HWY_MIN(kMaxMembers, x.rows - k), has_long_rows(pass),
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
