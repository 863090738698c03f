#include "ravine/kernels/ref/row_statistics.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace ravine::ref {

namespace {

template <class T>
void row_moments_of(MatrixView<const T> x, std::span<double> sums, std::span<double> squares) {
  for (std::size_t i = 0; i < x.rows; ++i) {
    sums[i] = squares[i] = 0;
    for (const T value : x.row(i)) {
      sums[i] += static_cast<double>(value);
      squares[i] += static_cast<double>(value) * static_cast<double>(value);
    }
  }
}

template <class T>
void row_squares_of(MatrixView<const T> x, std::span<double> squares) {
  std::vector<double> unused(x.rows);
  row_moments_of(x, unused, squares);
}

template <class T>
void count_outside_of(MatrixView<const T> x, T low, T high, std::span<std::uint32_t> counts) {
  std::ranges::fill(counts, 0U);
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (std::size_t j = 0; j < x.cols; ++j) counts[j] += x(i, j) <= low || x(i, j) > high;
  }
}

}  // namespace

void row_squares(MatrixView<const float> x, std::span<double> squares) {
  row_squares_of(x, squares);
}
void row_squares(MatrixView<const double> x, std::span<double> squares) {
  row_squares_of(x, squares);
}

void row_moments(MatrixView<const float> x, std::span<double> sums, std::span<double> squares) {
  row_moments_of(x, sums, squares);
}
void row_moments(MatrixView<const double> x, std::span<double> sums, std::span<double> squares) {
  row_moments_of(x, sums, squares);
}

void count_outside(MatrixView<const float> x, float low, float high,
                   std::span<std::uint32_t> counts) {
  count_outside_of(x, low, high, counts);
}
void count_outside(MatrixView<const double> x, double low, double high,
                   std::span<std::uint32_t> counts) {
  count_outside_of(x, low, high, counts);
}

}  // namespace ravine::ref
