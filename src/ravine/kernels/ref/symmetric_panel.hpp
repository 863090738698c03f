#pragma once

#include "ravine/kernels/symmetric_panel.hpp"

namespace ravine::ref {

void symmetric_panel(SymmetricPanel<const double> panel, MatrixView<const double> x,
                     MatrixView<double> y);

}  // namespace ravine::ref
