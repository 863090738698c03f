#include "ravine/kernels/row_products.hpp"

#include <cstdint>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/row_products.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/kernels/native/partial_vector-inl.h"
#include "ravine/kernels/shape_check.hpp"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

// Enough independent sums to hide the latency of a multiply-add, few enough to stay in 32 or 16
// registers.
constexpr std::size_t kTileRows = HWY_TARGET <= HWY_AVX3 ? 4 : 2;
constexpr std::size_t kTileCols = 4;
constexpr std::size_t kWideCols = 2 * kTileRows;  // of B, where A has one row or two

#if HWY_TARGET != HWY_SCALAR
/// The sum of a vector's blocks of 128 bits.
template <class D>
HWY_INLINE auto sum_of_blocks([[maybe_unused]] D d, hn::Vec<D> v) {
  if constexpr (hn::MaxLanes(D()) * sizeof(hn::TFromD<D>) == 16) {
    return v;
  } else {
    const hn::Half<D> half;
    return sum_of_blocks(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

/// A block of 128 bits in which lane i is the sum of the lanes of v(i), in the same order for all.
template <class D, class Vectors>
HWY_INLINE auto block_of_sums(D d, Vectors v) {
  using V = hn::Vec<D>;
  const auto pair = [d](V x, V y) {
    return hn::Add(hn::InterleaveLower(d, x, y), hn::InterleaveUpper(d, x, y));
  };
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return sum_of_blocks(d, pair(v(0), v(1)));
  } else {
    const hn::Repartition<std::uint64_t, D> wide;
    const auto low = hn::BitCast(wide, pair(v(0), v(1)));
    const auto high = hn::BitCast(wide, pair(v(2), v(3)));
    return sum_of_blocks(d, hn::Add(hn::BitCast(d, hn::InterleaveLower(wide, low, high)),
                                    hn::BitCast(d, hn::InterleaveUpper(wide, low, high))));
  }
}

/// c(i, j) (+)= the sum of the lanes of sum[i][j] for the columns that c has.
template <std::size_t kRows, std::size_t kCols, bool kWhole, class D, class V, class T>
HWY_INLINE void store_sums(D d, const V (&sum)[kRows][kCols], MatrixView<T> c, Store store) {
  const hn::Full128<T> block;
  constexpr std::size_t kBlock = hn::MaxLanes(block);
  static_assert(kCols % kBlock == 0);
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < kCols; j += kBlock) {
      const auto sums = block_of_sums(d, [&](std::size_t n) { return sum[i][j + n]; });
      T* to = c.data + i * c.stride + j;
      if (kWhole || j + kBlock <= c.cols) {
        hn::StoreU(store == Store::accumulate ? hn::Add(hn::LoadU(block, to), sums) : sums, block,
                   to);
      } else {
        alignas(16) T some[kBlock];
        hn::Store(sums, block, some);
        for (std::size_t n = 0; j + n < c.cols; ++n) {
          to[n] = store == Store::accumulate ? to[n] + some[n] : some[n];
        }
      }
    }
  }
}
#else
template <std::size_t kRows, std::size_t kCols, bool kWhole, class D, class V, class T>
void store_sums(D, const V (&sum)[kRows][kCols], MatrixView<T> c, Store store) {
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t j = 0; j < c.cols; ++j) {
      c(i, j) =
          store == Store::accumulate ? c(i, j) + hn::GetLane(sum[i][j]) : hn::GetLane(sum[i][j]);
    }
  }
}
#endif

/// c(i, j) (+)= <a_i, b_j> for kRows rows of A and kCols rows of B, or fewer unless kWhole: then
/// the last one stands for those that are missing.
template <std::size_t kRows, std::size_t kCols, bool kWhole, class T>
HWY_INLINE void product_tile(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c,
                             Store store) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  V sum[kRows][kCols];
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t j = 0; j < kCols; ++j) sum[i][j] = hn::Zero(d);
  }
  const auto add = [&](auto load) {
    V x[kRows];
    for (std::size_t i = 0; i < kRows; ++i) x[i] = load(a.data + i * a.stride);
#pragma GCC unroll 8
    for (std::size_t j = 0; j < kCols; ++j) {
      const V y = load(b.data + (kWhole ? j : HWY_MIN(j, b.rows - 1)) * b.stride);
#pragma GCC unroll 4
      for (std::size_t i = 0; i < kRows; ++i) {
        sum[i][j] = hn::MulAdd(x[i], y, sum[i][j]);
      }
    }
  };
  std::size_t p = 0;
  for (; p + hn::Lanes(d) <= a.cols; p += hn::Lanes(d)) {
    add([&](const T* row) { return hn::LoadU(d, row + p); });
  }
  const FirstLanes<decltype(d)> rest(d, a.cols - p);
  if (p < a.cols) add([&](const T* row) { return rest.load(d, row + p); });
  store_sums<kRows, kCols, kWhole>(d, sum, c, store);
}

/// All rows of A with at most kCols rows of B, which are read from memory once.
template <std::size_t kCols, bool kWhole, class T>
HWY_INLINE void product_columns(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c,
                                Store store) {
  std::size_t i = 0;
  const auto take = [&](auto tile) {
    product_tile<tile(), kCols, kWhole>(a.middle_rows(i, tile()), b, c.middle_rows(i, tile()),
                                        store);
    i += tile();
  };
  if constexpr (kCols <= kTileCols) {
    while (i + kTileRows <= a.rows) take(std::integral_constant<std::size_t, kTileRows>());
    if (i + 3 == a.rows) return take(std::integral_constant<std::size_t, 3>());
  }
  while (i + 2 <= a.rows) take(std::integral_constant<std::size_t, 2>());
  if (i < a.rows) take(std::integral_constant<std::size_t, 1>());
}

template <class T>
void products(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c, Store store) {
  std::size_t j = 0;
  const auto columns = [&](std::size_t count) {
    return MatrixView<T>(c.data + j, c.rows, count, c.stride);
  };
  const auto take_all = [&](auto cols) {
    for (; j + cols() <= b.rows; j += cols()) {
      product_columns<cols(), true>(a, b.middle_rows(j, cols()), columns(cols()), store);
    }
  };
  if (a.rows < 3) take_all(std::integral_constant<std::size_t, kWideCols>());
  take_all(std::integral_constant<std::size_t, kTileCols>());
  const std::size_t rest = b.rows - j;
  if (rest > 0) {
    product_columns<kTileCols, false>(a, b.middle_rows(j, rest), columns(rest), store);
  }
}

void products_float(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
                    Store store) {
  products(a, b, c, store);
}
void products_double(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c,
                     Store store) {
  products(a, b, c, store);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(products_float);
HWY_EXPORT(products_double);

namespace {

template <class T>
void check_shapes(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c) {
  check_shape("row_products", "A", a, c.rows, b.cols);
  check_shape("row_products", "C", c, a.rows, b.rows);
}

}  // namespace

void row_products(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
                  Store store) {
  check_shapes(a, b, c);
  HWY_DYNAMIC_DISPATCH(products_float)(a, b, c, store);
}
void row_products(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c,
                  Store store) {
  check_shapes(a, b, c);
  HWY_DYNAMIC_DISPATCH(products_double)(a, b, c, store);
}

}  // namespace ravine
#endif
