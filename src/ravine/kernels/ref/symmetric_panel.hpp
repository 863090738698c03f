#pragma once

#include "ravine/base/matrix_view.hpp"

namespace ravine::ref {

void symmetric_panel(MatrixView<const double> panel, MatrixView<const double> x,
                     MatrixView<double> y);

}  // namespace ravine::ref
