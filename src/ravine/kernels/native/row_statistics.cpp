#include "ravine/kernels/row_statistics.hpp"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/row_statistics.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/kernels/native/dot-inl.h"
#include "ravine/kernels/native/load_double-inl.h"
#include "ravine/kernels/native/partial_vector-inl.h"
#include "ravine/kernels/shape_check.hpp"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

template <class T>
void row_squares_of(MatrixView<const T> x, double* squares) {
  for (std::size_t i = 0; i < x.rows; ++i) {
    const T* row = x.row(i).data();
    squares[i] = dot_of<true>(row, row, x.cols);
  }
}

template <class T>
void row_moments_of(MatrixView<const T> x, double* sums, double* squares) {
  const hn::ScalableTag<double> d;
  // Conversions may take the ports of additions, those of multiply-adds are free.
  const auto one = hn::Set(d, 1);
  for (std::size_t r = 0; r < x.rows; ++r) {
    const T* row = x.row(r).data();
    std::size_t i = 0;
    auto [square, sum] =
        sums_of_vectors<2>(x.cols, i, [&](auto& both, std::size_t part, std::size_t at) {
          const auto value = load_double(d, row + at);
          both[0].add_product(part, value, value);
          both[1].add_product(part, value, one);
        });
    for (; i < x.cols; ++i) {
      const auto value = static_cast<double>(row[i]);
      square += value * value;
      sum += value;
    }
    squares[r] = square;
    sums[r] = sum;
  }
}

/// Of the columns of kVectors vectors, the last of which may be partial; several hide the latency
/// of an addition. The counts of floats and doubles are exact up to 2^24.
template <std::size_t kVectors, bool kBounded, class T>
void count_columns_outside(MatrixView<const T> x, T low, T high, std::uint32_t* counts) {
  const hn::ScalableTag<T> d;
  const VectorRow<kVectors, decltype(d)> row(d, x.cols);
  const auto bound = hn::Set(d, low), upper = hn::Set(d, high), one = hn::Set(d, 1);
  hn::Vec<decltype(d)> values[kVectors], totals[kVectors];
#pragma GCC unroll 4
  for (std::size_t j = 0; j < kVectors; ++j) totals[j] = hn::Zero(d);
  for (std::size_t i = 0; i < x.rows; ++i) {
    row.load(d, x.data + i * x.stride, values);
#pragma GCC unroll 4
    for (std::size_t j = 0; j < kVectors; ++j) {
      auto outside = hn::Le(values[j], bound);
      if (kBounded) outside = hn::Or(outside, hn::Gt(values[j], upper));
      totals[j] = hn::Add(totals[j], hn::IfThenElseZero(outside, one));
    }
  }
  HWY_ALIGN T sums[kVectors * hn::MaxLanes(d)];
#pragma GCC unroll 4
  for (std::size_t j = 0; j < kVectors; ++j) hn::Store(totals[j], d, sums + j * hn::Lanes(d));
  for (std::size_t j = 0; j < x.cols; ++j) counts[j] = static_cast<std::uint32_t>(sums[j]);
}

template <bool kBounded, class T>
void count_rows_outside(MatrixView<const T> x, T low, T high, std::uint32_t* counts) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  const auto columns = [&](std::size_t j, std::size_t width) {
    return MatrixView<const T>(x.data + j, x.rows, width, x.stride);
  };
  std::size_t j = 0;
  for (; j + 4 * lanes <= x.cols; j += 4 * lanes) {
    count_columns_outside<4, kBounded>(columns(j, 4 * lanes), low, high, counts + j);
  }
  for (std::size_t width = 0; j < x.cols; j += width) {
    width = std::min(lanes, x.cols - j);
    count_columns_outside<1, kBounded>(columns(j, width), low, high, counts + j);
  }
}

template <class T>
void count_outside_of(MatrixView<const T> x, T low, T high, std::uint32_t* counts) {
  if (high < std::numeric_limits<T>::infinity()) {
    count_rows_outside<true>(x, low, high, counts);
  } else {
    count_rows_outside<false>(x, low, high, counts);
  }
}

void row_squares_float(MatrixView<const float> x, double* squares) { row_squares_of(x, squares); }
void row_squares_double(MatrixView<const double> x, double* squares) { row_squares_of(x, squares); }
void row_moments_float(MatrixView<const float> x, double* sums, double* squares) {
  row_moments_of(x, sums, squares);
}
void row_moments_double(MatrixView<const double> x, double* sums, double* squares) {
  row_moments_of(x, sums, squares);
}
void count_outside_float(MatrixView<const float> x, float low, float high, std::uint32_t* counts) {
  count_outside_of(x, low, high, counts);
}
void count_outside_double(MatrixView<const double> x, double low, double high,
                          std::uint32_t* counts) {
  count_outside_of(x, low, high, counts);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(row_squares_float);
HWY_EXPORT(row_squares_double);
HWY_EXPORT(row_moments_float);
HWY_EXPORT(row_moments_double);
HWY_EXPORT(count_outside_float);
HWY_EXPORT(count_outside_double);

namespace {

void check_size(std::string_view kernel, std::string_view name, std::size_t expected,
                std::size_t got) {
  if (got == expected) return;
  throw ShapeError(
      error_text(kernel, name, fmt::format("{} numbers", expected), fmt::format("{}", got)));
}

}  // namespace

void row_squares(MatrixView<const float> x, std::span<double> squares) {
  check_size("row_squares", "squares", x.rows, squares.size());
  HWY_DYNAMIC_DISPATCH(row_squares_float)(x, squares.data());
}
void row_squares(MatrixView<const double> x, std::span<double> squares) {
  check_size("row_squares", "squares", x.rows, squares.size());
  HWY_DYNAMIC_DISPATCH(row_squares_double)(x, squares.data());
}

void row_moments(MatrixView<const float> x, std::span<double> sums, std::span<double> squares) {
  check_size("row_moments", "sums", x.rows, sums.size());
  check_size("row_moments", "squares", x.rows, squares.size());
  HWY_DYNAMIC_DISPATCH(row_moments_float)(x, sums.data(), squares.data());
}
void row_moments(MatrixView<const double> x, std::span<double> sums, std::span<double> squares) {
  check_size("row_moments", "sums", x.rows, sums.size());
  check_size("row_moments", "squares", x.rows, squares.size());
  HWY_DYNAMIC_DISPATCH(row_moments_double)(x, sums.data(), squares.data());
}

void count_outside(MatrixView<const float> x, float low, float high,
                   std::span<std::uint32_t> counts) {
  check_size("count_outside", "counts", x.cols, counts.size());
  HWY_DYNAMIC_DISPATCH(count_outside_float)(x, low, high, counts.data());
}
void count_outside(MatrixView<const double> x, double low, double high,
                   std::span<std::uint32_t> counts) {
  check_size("count_outside", "counts", x.cols, counts.size());
  HWY_DYNAMIC_DISPATCH(count_outside_double)(x, low, high, counts.data());
}

}  // namespace ravine
#endif
