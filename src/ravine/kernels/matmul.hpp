#pragma once

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// What to do with the previous content of the result.
enum class Store { overwrite, accumulate };

/// C = A B, or C += A B. A: (m, k), B: (k, n), C: (m, n), row-major with any row strides. Every
/// element of C is one chain of fused multiply-adds in the order of k, so results do not depend on
/// how callers cut the rows or columns of C into parts. Single-threaded. Throws ShapeError.
void matmul(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
            Store store = Store::overwrite);
void matmul(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c,
            Store store = Store::overwrite);

/// C = A^T B, or C += A^T B. A: (k, m), B: (k, n), C: (m, n); otherwise as matmul.
void matmul_transposed(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
                       Store store = Store::overwrite);
void matmul_transposed(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c,
                       Store store = Store::overwrite);

/// C = A B^T, or C += A B^T. A: (m, k), B: (n, k), C: (m, n); otherwise as matmul.
void matmul_by_transposed(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
                          Store store = Store::overwrite);
void matmul_by_transposed(MatrixView<const double> a, MatrixView<const double> b,
                          MatrixView<double> c, Store store = Store::overwrite);

}  // namespace ravine
