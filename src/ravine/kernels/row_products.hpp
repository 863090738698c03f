#pragma once

#include "ravine/base/matrix_view.hpp"
#include "ravine/kernels/matmul.hpp"

namespace ravine {

/// Rows of A up to which row_products is quicker than matmul_by_transposed.
inline constexpr std::size_t kFewRows = 4;

/// C = A B^T, or C += A B^T, as inner products of rows: what is quickest while A has few rows and
/// reading B is all there is to do. A: (m, k), B: (n, k), C: (m, n), row-major with any row
/// strides. Every element is its own sum, of one partial sum a vector lane, whatever the other rows
/// are. Single-threaded. Throws ShapeError.
void row_products(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
                  Store store = Store::overwrite);
void row_products(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c,
                  Store store = Store::overwrite);

}  // namespace ravine
