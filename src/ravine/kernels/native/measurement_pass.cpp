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

/// Where the rows of a call come from.
enum class Source {
  cache,
  memory,
  memory_twice,  // a group of them does not stay in second-level cache until it is added
};

// In bytes. Ensembles are passed over in 8 or 16 calls, so larger blocks are of ensembles that no
// cache holds.
constexpr std::size_t kBlockInCache = 2 << 20;
constexpr std::size_t kTwoGroupsInCache = 2 << 20;

// Of a group: fewer than registers have room for where two threads may share the cache in which
// rows from memory wait to be added.
template <Source kSource>
inline constexpr std::size_t kMostRows = kSource == Source::cache    ? kGroupRows<1>
                                         : kSource == Source::memory ? 8
                                                                     : kRowGroup;

/// Arrays of one call; the rows are added to the adjoint by their residuals.
template <class T>
struct Pass : RowPass<T> {
  double* residuals;
  const double* values;
  std::size_t p;
};

template <class T>
Source source_of(MatrixView<const T> rows) {
  const std::size_t group_bytes = kMostRows<Source::memory> * rows.cols * sizeof(T);
  if (2 * group_bytes > kTwoGroupsInCache) return Source::memory_twice;
  return rows.size() * sizeof(T) > kBlockInCache ? Source::memory : Source::cache;
}

/// add_vectors() by cache lines of a row, at whose first vector the fetch is `ahead`.
template <class T, class D, class Sums, class Ahead>
HWY_INLINE void add_lines(D d, Sums& sums, std::size_t columns, Ahead&& ahead) {
  const std::size_t lanes = hn::Lanes(d);
  std::size_t j = 0;
  for (; j + kLineColumns<T> <= columns; j += kLineColumns<T>) {
    sums.add(d, 0, ahead);
#pragma GCC unroll 8
    for (std::size_t v = lanes; v < kLineColumns<T>; v += lanes) sums.add(d, v, no_fetch<T>);
    sums.advance(kLineColumns<T>);
  }
  add_vectors(d, sums, columns - j, no_fetch<T>);
}

/// Calls work(begin, end) for every tile of the columns before `whole`.
template <std::size_t kColumns, class Work>
void for_each_tile(std::size_t whole, Work work) {
  for (std::size_t begin = 0; begin < whole; begin += kColumns) {
    work(begin, HWY_MIN(whole, begin + kColumns));
  }
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

/// For one or two candidates: kRows rows at a time, first the residuals, then, from cache, the
/// adjoint.
template <std::size_t kRows, std::size_t kMembers, class T>
void pass_over_groups(const Pass<T>& pass, std::size_t first, std::size_t groups) {
  const hn::ScalableTag<double> d;
  using D = decltype(d);
  constexpr std::size_t kSums = kRows * kMembers * HWY_MAX_BYTES / sizeof(double);
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = pass.p / lanes * lanes;
  for (std::size_t top = first; top < first + groups * kRows; top += kRows) {
    alignas(64) double sums[kSums] = {};
    NextGroup<kRows, 2, hn::MaxLanes(D()), T> next(pass.rows + (top + kRows) * pass.row_stride);
    Products<kRows, kMembers, D, T> products(d, pass, top, 0, sums);
    add_vectors(d, products, whole, next);
    products.store(d, sums);
    finish_residuals<kRows, kMembers>(d, pass, top, whole, sums);
    Adjoint<kRows, kMembers, D, T> adjoint(d, pass, top, 0);
    add_vectors(d, adjoint, whole, next);
    add_adjoint_tail<kRows, kMembers>(pass, top, whole, pass.p);
  }
}

/// The same for more candidates, whose arithmetic takes longer and whose x and adjoint exceed the
/// first-level cache: a tile of these stays there for all groups of a block of rows. The next block
/// is fetched meanwhile; or, where no group stays in cache, the block itself is, a group ahead.
template <std::size_t kRows, std::size_t kMembers, Source kSource, class T>
void tiled_pass_over_groups(const Pass<T>& pass, std::size_t first, std::size_t groups) {
  const hn::ScalableTag<double> d;
  using D = decltype(d);
  constexpr std::size_t kSums = kRows * kMembers * HWY_MAX_BYTES / sizeof(double);
  constexpr std::size_t kGroups = kSource == Source::memory_twice ? 4 : 3;
  constexpr std::size_t kColumns = kSource == Source::memory ? 256 : 512;  // of a tile
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = pass.p / lanes * lanes;
  const auto ahead = fetch_ahead<T>(kRows * pass.row_stride);
  for (std::size_t done = 0; done < groups; done += kGroups) {
    const std::size_t count = HWY_MIN(kGroups, groups - done);
    const auto top = [&](std::size_t g) { return first + (done + g) * kRows; };
    alignas(64) double sums[kGroups][kSums] = {};
    NextGroup<kRows, 2, kLineColumns<T>, T> next_block(pass.rows + top(count) * pass.row_stride);
    const auto fetch = [&](std::size_t i, const T* row) {
      if constexpr (kSource == Source::memory_twice) {
        ahead(i, row);
      } else {
        next_block(i, row);
      }
    };
    const auto fetch_next_tile_too = [&](std::size_t i, const T* row) {
      if constexpr (kSource == Source::memory) {
        fetch_repeatedly<2, kColumns / kLineColumns<T> / 2, T>(i, row);
      }
      fetch(i, row);
    };
    for_each_tile<kColumns>(whole, [&](std::size_t begin, std::size_t end) {
      for (std::size_t g = 0; g < count; ++g) {
        Products<kRows, kMembers, D, T> products(d, pass, top(g), begin, sums[g]);
        add_lines<T>(d, products, end - begin, fetch_next_tile_too);
        products.store(d, sums[g]);
      }
    });
    for (std::size_t g = 0; g < count; ++g) {
      finish_residuals<kRows, kMembers>(d, pass, top(g), whole, sums[g]);
    }
    for_each_tile<kColumns>(whole, [&](std::size_t begin, std::size_t end) {
      for (std::size_t g = 0; g < count; ++g) {
        Adjoint<kRows, kMembers, D, T> adjoint(d, pass, top(g), begin);
        add_lines<T>(d, adjoint, end - begin, fetch);
      }
    });
    for (std::size_t g = 0; g < count; ++g) {
      add_adjoint_tail<kRows, kMembers>(pass, top(g), whole, pass.p);
    }
  }
}

// How often a line of a group of rows is asked for, and how many lines of its row lie between. The
// first time, of rows from memory, 16 kB of the group are still to come before it.
template <Source kSource>
inline constexpr std::size_t kFetches = kSource == Source::cache ? 1 : 8;
template <Source kSource, std::size_t kRows>
inline constexpr std::size_t kFetchStep = (kSource == Source::cache ? 96 : 32) / kRows;

/// fetch_repeatedly() at the end of the rows of a group, after which the same rows of the next
/// group begin.
template <std::size_t kTimes, std::size_t kStep, class T>
class FetchAcrossEnd {
 public:
  /// columns: that are left of the rows. to_next_group: from the end of a row to where it goes on.
  FetchAcrossEnd(std::size_t columns, std::size_t to_next_group)
      : left_(columns), to_next_group_(to_next_group) {}

  /// At row i of a line.
  void operator()(std::size_t i, const T* row) {
    if (i == 0) begin_line();
#pragma GCC unroll 8
    for (const std::size_t distance : distances_) __builtin_prefetch(row + distance);
  }

 private:
  void begin_line() {
    for (std::size_t n = 0; n < kTimes; ++n) {
      const std::size_t distance = (kTimes - n) * kStep * kLineColumns<T>;
      distances_[n] = distance + (distance < left_ ? 0 : to_next_group_);
    }
    left_ -= kLineColumns<T>;
  }

  std::size_t left_;
  std::size_t to_next_group_;
  std::size_t distances_[kTimes];
};

/// add_lines() of a group of kRows whole rows, which arrive meanwhile.
template <std::size_t kRows, Source kSource, class D, class T, class Sums>
HWY_INLINE void add_arriving_lines(D d, const Pass<T>& pass, std::size_t whole, Sums& sums) {
  constexpr std::size_t kTimes = kFetches<kSource>, kStep = kFetchStep<kSource, kRows>;
  const std::size_t at_end = HWY_MIN(whole, (kTimes * kStep + 1) * kLineColumns<T>);
  const std::size_t to_next_group = (kRows - 1) * pass.row_stride;
  add_lines<T>(d, sums, whole - at_end, fetch_repeatedly<kTimes, kStep, T>);
  add_lines<T>(d, sums, at_end, FetchAcrossEnd<kTimes, kStep, T>(at_end, to_next_group));
}

/// Products of a group of rows that arrives, and the adjoint of the group before it, which is
/// fetched once more where it does not stay in cache.
template <Source kSource, class T, class Products, class Adjoint>
struct Interleaved {
  Products& products;
  Adjoint& adjoint;

  template <class D, class Fetch>
  void add(D d, std::size_t offset, Fetch&& fetch) {
    products.add(d, offset, fetch);
    if (kSource == Source::memory_twice && offset == 0) {
      adjoint.add(d, offset, fetch_repeatedly<2, 8, T>);
    } else {
      adjoint.add(d, offset, no_fetch<T>);
    }
  }
  void advance(std::size_t columns) {
    products.advance(columns);
    adjoint.advance(columns);
  }
};

/// For one or two candidates, where registers hold the products of one group and the factors of
/// the group before it: the rows of the one arrive while those of the other, still in cache, are
/// added to the adjoint.
template <std::size_t kRows, std::size_t kMembers, Source kSource, class T>
void interleaved_pass_over_groups(const Pass<T>& pass, std::size_t first, std::size_t groups) {
  if (groups == 0) return;
  const hn::ScalableTag<double> d;
  using D = decltype(d);
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = pass.p / lanes * lanes;
  const std::size_t end = first + groups * kRows;
  for (std::size_t top = first; top <= end; top += kRows) {
    alignas(64) double sums[kRows * kMembers * HWY_MAX_BYTES / sizeof(double)] = {};
    Products<kRows, kMembers, D, T> products(d, pass, top, 0, sums);
    const std::size_t before = top == first ? top : top - kRows;
    Adjoint<kRows, kMembers, D, T> adjoint(d, pass, before, 0);
    if (top == first) {
      add_arriving_lines<kRows, kSource>(d, pass, whole, products);
    } else if (top < end) {
      Interleaved<kSource, T, decltype(products), decltype(adjoint)> both{products, adjoint};
      add_arriving_lines<kRows, kSource>(d, pass, whole, both);
    } else {
      NextGroup<kRows, 2, hn::MaxLanes(D()), T> next(pass.rows + end * pass.row_stride);
      add_vectors(d, adjoint, whole, next);
    }
    if (top > first) add_adjoint_tail<kRows, kMembers>(pass, before, whole, pass.p);
    if (top == end) return;
    products.store(d, sums);
    finish_residuals<kRows, kMembers>(d, pass, top, whole, sums);
  }
}

/// Chooses among the three.
template <std::size_t kRows, std::size_t kMembers, Source kSource, class T>
void pass_over(const Pass<T>& pass, std::size_t first, std::size_t groups) {
  constexpr bool kHasRegisters = HWY_TARGET <= HWY_AVX3;
  if constexpr (kMembers > 2) {
    tiled_pass_over_groups<kRows, kMembers, kSource>(pass, first, groups);
  } else if constexpr (kHasRegisters && kRows > 1) {
    interleaved_pass_over_groups<kRows, kMembers, kSource>(pass, first, groups);
  } else {
    pass_over_groups<kRows, kMembers>(pass, first, groups);
  }
}

/// For at most kMaxMembers candidates.
template <Source kSource, class T>
void pass_members(const Pass<T>& pass, std::size_t count, std::size_t members) {
  for_row_groups<kMostRows<kSource>>(
      count, members, [&](auto group, auto group_members, std::size_t first, std::size_t groups) {
        pass_over<group(), group_members(), kSource>(pass, first, groups);
      });
}

template <class T>
void measurement_pass_of(MatrixView<const T> rows, const double* values, MatrixView<const double> x,
                         MatrixView<double> residuals, MatrixView<double> adjoint) {
  const Source first_source = source_of(rows);
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
      const std::size_t members = HWY_MIN(kMaxMembers, x.rows - k);
      const bool are_cached = k > 0 && first_source == Source::memory;
      switch (are_cached ? Source::cache : first_source) {
        case Source::cache:
          pass_members<Source::cache>(pass, count, members);
          break;
        case Source::memory:
          pass_members<Source::memory>(pass, count, members);
          break;
        case Source::memory_twice:
          pass_members<Source::memory_twice>(pass, count, members);
          break;
      }
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
