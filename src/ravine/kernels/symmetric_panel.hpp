#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// A panel of rows c - h .. c - 1 of a symmetric matrix up to column c - 1, so that its last h
/// columns are a symmetric square. It lies in blocks of columns, one after another and each without
/// gaps, so that a product reads it from first to last while its share of the vectors stays in the
/// first-level cache.
template <class T>
struct SymmetricPanel {
  static constexpr std::size_t kMaxRows = 112;
  static constexpr std::size_t kBlockColumns = 224;

  T* data = nullptr;
  std::size_t rows = 0;  ///< h, at most kMaxRows
  std::size_t cols = 0;  ///< c, at least h

  /// A panel of mutable elements is also one of constant ones.
  constexpr operator SymmetricPanel<const T>() const  // NOLINT(google-explicit-constructor)
      requires(!std::is_const_v<T>) {
    return {data, rows, cols};
  }

  constexpr T& operator()(std::size_t i, std::size_t j) const {
    const std::size_t within = j % kBlockColumns;
    return block(j - within)(i, within);
  }
  /// The block whose first column is `column`, a multiple of kBlockColumns below c.
  constexpr MatrixView<T> block(std::size_t column) const {
    return {data + rows * column, rows, std::min(kBlockColumns, cols - column)};
  }
};

/// The part that a panel P has in the products N x(k, :) of K vectors at once, the lower triangle
/// standing for the upper one as well:
///   y(k, c - h + i) += <P(i, :), x(k, 0 : c)>
///   y(k, 0 : c - h) += sum_i x(k, c - h + i) P(i, 0 : c - h)
/// Over all panels of N this adds N x(k, :) to y(k, :). x, y: (K, n), n >= c. Every sum has one
/// fixed order. Single-threaded. Throws ShapeError.
void symmetric_panel(SymmetricPanel<const double> panel, MatrixView<const double> x,
                     MatrixView<double> y);

}  // namespace ravine
