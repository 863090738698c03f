#pragma once

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// B = A^T. A: (m, n), B: (n, m). Throws ShapeError.
void transpose(MatrixView<const float> a, MatrixView<float> b);
void transpose(MatrixView<const double> a, MatrixView<double> b);

}  // namespace ravine
