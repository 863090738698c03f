#include "ravine/kernels/row_products.hpp"

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

constexpr std::size_t kTileRows = 2;
constexpr std::size_t kTileCols = 8;

/// c(i, j) (+)= <a_i, b_j> for kRows rows of A and kCols rows of B.
template <std::size_t kRows, std::size_t kCols, class T>
void product_tile(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c, Store store) {
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
      const V y = load(b.data + j * b.stride);
#pragma GCC unroll 2
      for (std::size_t i = 0; i < kRows; ++i) sum[i][j] = hn::MulAdd(x[i], y, sum[i][j]);
    }
  };
  std::size_t p = 0;
  for (; p + hn::Lanes(d) <= a.cols; p += hn::Lanes(d)) {
    add([&](const T* row) { return hn::LoadU(d, row + p); });
  }
  const FirstLanes<decltype(d)> rest(d, a.cols - p);
  if (p < a.cols) add([&](const T* row) { return rest.load(d, row + p); });
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t j = 0; j < kCols; ++j) {
      const T product = hn::GetLane(hn::SumOfLanes(d, sum[i][j]));
      c(i, j) = store == Store::accumulate ? c(i, j) + product : product;
    }
  }
}

/// All rows of A with kCols rows of B, which are read from memory once.
template <std::size_t kCols, class T>
void product_columns(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c, Store store) {
  std::size_t i = 0;
  for (; i + kTileRows <= a.rows; i += kTileRows) {
    product_tile<kTileRows, kCols>(a.middle_rows(i, kTileRows), b, c.middle_rows(i, kTileRows),
                                   store);
  }
  for (; i < a.rows; ++i) {
    product_tile<1, kCols>(a.middle_rows(i, 1), b, c.middle_rows(i, 1), store);
  }
}

template <class T>
void products(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c, Store store) {
  const auto columns = [&](std::size_t j, std::size_t count) {
    return MatrixView<T>(c.data + j, c.rows, count, c.stride);
  };
  std::size_t j = 0;
  for (; j + kTileCols <= b.rows; j += kTileCols) {
    product_columns<kTileCols>(a, b.middle_rows(j, kTileCols), columns(j, kTileCols), store);
  }
  for (; j < b.rows; ++j) product_columns<1>(a, b.middle_rows(j, 1), columns(j, 1), store);
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
