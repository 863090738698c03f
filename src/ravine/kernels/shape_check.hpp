#pragma once

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// Throws ShapeError unless the matrix is rows x cols.
template <class T>
void check_shape(std::string_view kernel, std::string_view name, MatrixView<T> matrix,
                 std::size_t rows, std::size_t cols) {
  if (matrix.rows == rows && matrix.cols == cols) return;
  throw ShapeError(error_text(kernel, name, fmt::format("{} x {}", rows, cols),
                              fmt::format("{} x {}", matrix.rows, matrix.cols)));
}

template <class T>
void fill_zero(MatrixView<T> matrix) {
  for (std::size_t i = 0; i < matrix.rows; ++i) std::ranges::fill(matrix.row(i), T(0));
}

}  // namespace ravine
