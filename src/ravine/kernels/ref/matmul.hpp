#pragma once

#include "ravine/kernels/matmul.hpp"

/// The kernels once more, as plain loops that add in double: what the fast ones are measured
/// against. Shapes, meanings and errors are those of the kernels of the same name.
namespace ravine::ref {

void matmul(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
            Store store = Store::overwrite);
void matmul(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c,
            Store store = Store::overwrite);

void matmul_transposed(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
                       Store store = Store::overwrite);
void matmul_transposed(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> c,
                       Store store = Store::overwrite);

void matmul_by_transposed(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> c,
                          Store store = Store::overwrite);
void matmul_by_transposed(MatrixView<const double> a, MatrixView<const double> b,
                          MatrixView<double> c, Store store = Store::overwrite);

}  // namespace ravine::ref
