// What one pass over some rows of a matrix adds up for several vectors at once: products of rows
// and vectors, and sums of rows. Included once per instruction set.
#if defined(RAVINE_ROW_PASS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAVINE_ROW_PASS_INL_H
#undef RAVINE_ROW_PASS_INL_H
#else
#define RAVINE_ROW_PASS_INL_H
#endif

#include <type_traits>

#include <hwy/highway.h>

#include "ravine/kernels/measurement_pass.hpp"
#include "ravine/kernels/native/load_double-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

constexpr std::size_t kMaxMembers = 6;  // vectors that share the registers of one tile
constexpr std::size_t kLineBytes = 64;  // of a cache
template <class T>
inline constexpr std::size_t kLineColumns = kLineBytes / sizeof(T);

/// Rows of a matrix, vectors x(k, :) to multiply them with, factors(k, i) by which row i is added
/// to adjoint(k, :). The vectors are those of one tile.
template <class T>
struct RowPass {
  const T* rows;
  std::size_t row_stride;
  const double* x;
  std::size_t x_stride;
  const double* factors;
  std::size_t factor_stride;
  double* adjoint;
  std::size_t adjoint_stride;
};

/// Where kRows rows of a matrix stand at a column. Only every fourth address takes a register: the
/// others are a small multiple of the stride away, which costs an instruction nothing.
template <std::size_t kRows, class T>
class RowPointers {
 public:
  RowPointers(T* first, std::size_t stride) : stride_(stride) {
    for (std::size_t i = 0; i < kPointers; ++i) pointers_[i] = first + 4 * i * stride;
  }
  T* operator[](std::size_t i) const { return pointers_[i / 4] + i % 4 * stride_; }
  void advance(std::size_t columns) {
#pragma GCC unroll 4
    for (T*& pointer : pointers_) pointer += columns;
  }

 private:
  static constexpr std::size_t kPointers = hwy::DivCeil(kRows, std::size_t{4});

  T* pointers_[kPointers];
  std::size_t stride_;
};

template <class T>
constexpr auto no_fetch = [](std::size_t /*i*/, const T* /*row*/) {};

/// Fetches what comes `distance` numbers after a number of a row.
template <class T>
auto fetch_ahead(std::size_t distance) {
  return [distance](std::size_t /*i*/, const T* row) { __builtin_prefetch(row + distance); };
}

/// Fetches the lines of a row that are kTimes kStep, .. 2 kStep, kStep ahead of a number: each is
/// asked for kTimes times until it is needed, as a core drops fetches when too many are under way.
template <std::size_t kTimes, std::size_t kStep, class T>
constexpr auto fetch_repeatedly = [](std::size_t /*i*/, const T* row) {
  const char* at = reinterpret_cast<const char*>(row);
  asm("" : "+r"(at));  // in a register, from which the lines are constant distances
#pragma GCC unroll 8
  for (std::size_t n = kTimes; n > 0; --n) __builtin_prefetch(at + n * kStep * kLineBytes);
};

/// Fetches the group of kRows rows after one of which kColumns columns at a time are visited, each
/// kVisits times. The lines are spread evenly over the visits. One past the end is harmless.
template <std::size_t kRows, std::size_t kVisits, std::size_t kColumns, class T>
class NextGroup {
 public:
  explicit NextGroup(const T* begin) : line_(reinterpret_cast<const char*>(begin)) {}

  /// At row i of a visit.
  void operator()(std::size_t i, const T* /*row*/) {
#pragma GCC unroll 8
    for (std::size_t n = i * kLines / kRows; n < (i + 1) * kLines / kRows; ++n) {
      __builtin_prefetch(line_, 0, 2);
      line_ += kLineBytes;
    }
  }

 private:
  static constexpr std::size_t kLines =
      hwy::DivCeil(kRows * kColumns * sizeof(T), kLineBytes* kVisits);

  const char* line_;
};

/// For kRows rows from `first` on, from column `begin` on:
/// sum[i][k] += <rows(first + i, :), x(k, :)>, a vector of partial sums each.
template <std::size_t kRows, std::size_t kMembers, class D, class T>
struct Products {
  using V = hn::Vec<D>;
  V sum[kRows][kMembers];
  RowPointers<kRows, const T> rows;
  RowPointers<kMembers, const double> x;

  Products(D d, const RowPass<T>& pass, std::size_t first, std::size_t begin, const double* sums)
      : rows(pass.rows + first * pass.row_stride + begin, pass.row_stride),
        x(pass.x + begin, pass.x_stride) {
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
  /// The vector of columns `offset` after the current ones.
  template <class Fetch>
  void add(D d, std::size_t offset, Fetch&& fetch) {
    V factor[kMembers];
#pragma GCC unroll 8
    for (std::size_t k = 0; k < kMembers; ++k) factor[k] = hn::LoadU(d, x[k] + offset);
#pragma GCC unroll 12
    for (std::size_t i = 0; i < kRows; ++i) {
      const T* row = rows[i] + offset;
      const V a = load_double(d, row);
      fetch(i, row);
#pragma GCC unroll 8
      for (std::size_t k = 0; k < kMembers; ++k) sum[i][k] = hn::MulAdd(a, factor[k], sum[i][k]);
    }
  }
  void advance(std::size_t columns) {
    rows.advance(columns);
    x.advance(columns);
  }
};

/// adjoint(k, :) += sum over kRows rows from `first` on of factor * row, from column `begin` on.
template <std::size_t kRows, std::size_t kMembers, class D, class T>
struct Adjoint {
  using V = hn::Vec<D>;
  V factor[kRows][kMembers];
  RowPointers<kRows, const T> rows;
  RowPointers<kMembers, double> adjoint;

  Adjoint(D d, const RowPass<T>& pass, std::size_t first, std::size_t begin)
      : rows(pass.rows + first * pass.row_stride + begin, pass.row_stride),
        adjoint(pass.adjoint + begin, pass.adjoint_stride) {
    for (std::size_t i = 0; i < kRows; ++i) {
      for (std::size_t k = 0; k < kMembers; ++k) {
        factor[i][k] = hn::Set(d, pass.factors[k * pass.factor_stride + first + i]);
      }
    }
  }
  /// The vector of columns `offset` after the current ones.
  template <class Fetch>
  void add(D d, std::size_t offset, Fetch&& fetch) const {
    V sum[kMembers];
#pragma GCC unroll 8
    for (std::size_t k = 0; k < kMembers; ++k) sum[k] = hn::LoadU(d, adjoint[k] + offset);
#pragma GCC unroll 12
    for (std::size_t i = 0; i < kRows; ++i) {
      const T* row = rows[i] + offset;
      const V a = load_double(d, row);
      fetch(i, row);
#pragma GCC unroll 8
      for (std::size_t k = 0; k < kMembers; ++k) sum[k] = hn::MulAdd(factor[i][k], a, sum[k]);
    }
#pragma GCC unroll 8
    for (std::size_t k = 0; k < kMembers; ++k) hn::StoreU(sum[k], d, adjoint[k] + offset);
  }
  void advance(std::size_t columns) {
    rows.advance(columns);
    adjoint.advance(columns);
  }
};

/// Adds `columns` columns, a multiple of the vector length, to Products or Adjoint.
template <class D, class Sums, class Fetch>
HWY_INLINE void add_vectors(D d, Sums& sums, std::size_t columns, Fetch&& fetch) {
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t j = 0; j < columns; j += lanes) {
    sums.add(d, 0, fetch);
    sums.advance(lanes);
  }
}

/// <rows(row, 0 : end), x(k, 0 : end)> from the vector of partial sums before column `done`.
template <class D, class T>
double finish_product(D d, const RowPass<T>& pass, std::size_t row, std::size_t k, std::size_t done,
                      std::size_t end, const double* sums) {
  const T* a = pass.rows + row * pass.row_stride;
  const double* x = pass.x + k * pass.x_stride;
  double product = hn::GetLane(hn::SumOfLanes(d, hn::LoadU(d, sums)));
  for (std::size_t j = done; j < end; ++j) product += a[j] * x[j];
  return product;
}

/// The columns begin .. end - 1, fewer than a vector.
template <std::size_t kRows, std::size_t kMembers, class T>
void add_adjoint_tail(const RowPass<T>& pass, std::size_t first, std::size_t begin,
                      std::size_t end) {
  for (std::size_t j = begin; j < end; ++j) {
    for (std::size_t k = 0; k < kMembers; ++k) {
      for (std::size_t i = first; i < first + kRows; ++i) {
        pass.adjoint[k * pass.adjoint_stride + j] +=
            pass.factors[k * pass.factor_stride + i] * pass.rows[i * pass.row_stride + j];
      }
    }
  }
}

// A group of rows has enough independent sums to hide the latency of a multiply-add and few enough
// to stay in registers; the more rows, the less often the vectors come from the second-level cache.
template <std::size_t kMembers>
inline constexpr std::size_t kGroupRows = kMembers > 2            ? kRowGroup
                                          : HWY_TARGET > HWY_AVX3 ? 8
                                                                  : 12 / kMembers;

template <std::size_t kValue>
using Constant = std::integral_constant<std::size_t, kValue>;

/// Calls work(Constant<rows>(), Constant<members>(), first, groups) for rows 0 .. count - 1 and
/// 1 .. kMembers members: for whole groups of rows from `first` on, of at most kMostRows, then for
/// the rest in groups of kRowGroup and one by one.
template <std::size_t kMostRows, std::size_t kMembers = kMaxMembers, class Work>
void for_row_groups(std::size_t count, std::size_t members, Work work) {
  if (members == kMembers) {
    constexpr std::size_t kLargeGroup = HWY_MIN(kMostRows, kGroupRows<kMembers>);
    std::size_t first = 0;
    const auto take = [&](auto rows) {
      const std::size_t groups = (count - first) / rows();
      work(rows, Constant<kMembers>(), first, groups);
      first += groups * rows();
    };
    if constexpr (kLargeGroup > kRowGroup) take(Constant<kLargeGroup>());
    take(Constant<kRowGroup>());
    take(Constant<1>());
  } else if constexpr (kMembers > 1) {
    for_row_groups<kMostRows, kMembers - 1>(count, members, work);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
