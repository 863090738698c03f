#pragma once

#include "ravine/base/matrix_view.hpp"
#include "ravine/kernels/matmul.hpp"

namespace ravine {

/// Whether row_products is quicker than matmul_by_transposed for A (rows, k): while to read B is
/// most of the work, and its rows are long enough to repay the sum over a vector's lanes.
constexpr bool row_products_repay(std::size_t rows, std::size_t k) {
  return rows <= 4 || (rows <= 16 && k >= 128);
}

/// C = A B^T, or C += A B^T, as inner products of rows: what is quickest while A has few rows and
/// reading B is all there is to do. A: (m, k), B: (n, k), C: (m, n), row-major with any row
/// strides. Every element is its own sum, of one partial sum a vector lane, whatever the other rows
/// are. Single-threaded. Throws ShapeError.
void row_products(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
                  Store store = Store::overwrite);
void row_products(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c,
                  Store store = Store::overwrite);

}  // namespace ravine
