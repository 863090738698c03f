#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

namespace ravine {

/// A row-major matrix somebody else owns: element (i, j) is data[i * stride + j].
template <class T>
struct MatrixView {
  T* data = nullptr;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t stride = 0;

  constexpr MatrixView() = default;
  constexpr MatrixView(T* first, std::size_t row_count, std::size_t col_count)
      : MatrixView(first, row_count, col_count, col_count) {}
  constexpr MatrixView(T* first, std::size_t row_count, std::size_t col_count,
                       std::size_t row_stride)
      : data(first), rows(row_count), cols(col_count), stride(row_stride) {}

  /// A view of mutable elements is also a view of constant ones.
  constexpr operator MatrixView<const T>() const  // NOLINT(google-explicit-constructor)
      requires(!std::is_const_v<T>) {
    return {data, rows, cols, stride};
  }

  constexpr T& operator()(std::size_t i, std::size_t j) const { return data[i * stride + j]; }
  constexpr std::span<T> row(std::size_t i) const { return {data + i * stride, cols}; }
  constexpr MatrixView middle_rows(std::size_t first, std::size_t count) const {
    return {data + first * stride, count, cols, stride};
  }
  constexpr std::size_t size() const { return rows * cols; }
};

}  // namespace ravine
