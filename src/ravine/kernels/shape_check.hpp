#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/matrix_view.hpp"

namespace ravine {

[[noreturn, gnu::cold, gnu::noinline]] inline void throw_wrong_shape(
    std::string_view kernel, std::string_view name, std::size_t rows, std::size_t cols,
    std::size_t got_rows, std::size_t got_cols) {
  throw ShapeError(error_text(kernel, name, fmt::format("{} x {}", rows, cols),
                              fmt::format("{} x {}", got_rows, got_cols)));
}

/// Throws ShapeError unless the matrix is rows x cols.
template <class T>
void check_shape(std::string_view kernel, std::string_view name, const MatrixView<T>& matrix,
                 std::size_t rows, std::size_t cols) {
  if (matrix.rows == rows && matrix.cols == cols) return;
  throw_wrong_shape(kernel, name, rows, cols, matrix.rows, matrix.cols);
}

/// Throws ShapeError unless there are a label below `classes` and a loss for each of `rows`.
inline void check_labels(std::string_view kernel, std::span<const std::uint8_t> labels,
                         std::span<const double> losses, std::size_t rows, std::size_t classes) {
  if (labels.size() != rows || losses.size() != rows) {
    throw ShapeError(error_text(kernel, "labels and losses", fmt::format("{} each", rows),
                                fmt::format("{} and {}", labels.size(), losses.size())));
  }
  if (!labels.empty() && std::ranges::max(labels) >= classes) {
    throw ShapeError(error_text(kernel, "label", fmt::format("below {}", classes),
                                fmt::format("{}", std::ranges::max(labels))));
  }
}

template <class T>
void fill_zero(MatrixView<T> matrix) {
  for (std::size_t i = 0; i < matrix.rows; ++i) std::ranges::fill(matrix.row(i), T(0));
}

}  // namespace ravine
