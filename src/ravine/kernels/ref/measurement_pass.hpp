#pragma once

#include <span>

#include "ravine/base/matrix_view.hpp"

namespace ravine::ref {

void measurement_pass(MatrixView<const float> rows, std::span<const double> values,
                      MatrixView<const double> x, MatrixView<double> residuals,
                      MatrixView<double> adjoint);
void measurement_pass(MatrixView<const double> rows, std::span<const double> values,
                      MatrixView<const double> x, MatrixView<double> residuals,
                      MatrixView<double> adjoint);

}  // namespace ravine::ref
