#include "ravine/kernels/ref/symmetric_panel.hpp"

namespace ravine::ref {

void symmetric_panel(SymmetricPanel<const double> panel, MatrixView<const double> x,
                     MatrixView<double> y) {
  const std::size_t top = panel.cols - panel.rows;
  for (std::size_t k = 0; k < x.rows; ++k) {
    for (std::size_t i = 0; i < panel.rows; ++i) {
      for (std::size_t j = 0; j < panel.cols; ++j) {
        y(k, top + i) += panel(i, j) * x(k, j);
        if (j < top) y(k, j) += panel(i, j) * x(k, top + i);
      }
    }
  }
}

}  // namespace ravine::ref
