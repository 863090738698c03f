#include "ravine/kernels/ref/measurement_pass.hpp"

#include "ravine/kernels/shape_check.hpp"

namespace ravine::ref {

namespace {

template <class T>
void measurement_pass_of(MatrixView<const T> rows, std::span<const double> values,
                         MatrixView<const double> x, MatrixView<double> residuals,
                         MatrixView<double> adjoint) {
  check_shape("measurement_pass", "x", x, x.rows, rows.cols);
  check_shape("measurement_pass", "adjoint", adjoint, x.rows, rows.cols);
  check_shape("measurement_pass", "residuals", residuals, x.rows, rows.rows);
  check_shape("measurement_pass", "values", MatrixView(values.data(), 1, values.size()), 1,
              rows.rows);
  for (std::size_t k = 0; k < x.rows; ++k) {
    for (std::size_t i = 0; i < rows.rows; ++i) {
      double product = 0;
      for (std::size_t j = 0; j < rows.cols; ++j) product += rows(i, j) * x(k, j);
      residuals(k, i) = product - values[i];
      for (std::size_t j = 0; j < rows.cols; ++j) adjoint(k, j) += residuals(k, i) * rows(i, j);
    }
  }
}

}  // namespace

void measurement_pass(MatrixView<const float> rows, std::span<const double> values,
                      MatrixView<const double> x, MatrixView<double> residuals,
                      MatrixView<double> adjoint) {
  measurement_pass_of(rows, values, x, residuals, adjoint);
}
void measurement_pass(MatrixView<const double> rows, std::span<const double> values,
                      MatrixView<const double> x, MatrixView<double> residuals,
                      MatrixView<double> adjoint) {
  measurement_pass_of(rows, values, x, residuals, adjoint);
}

}  // namespace ravine::ref
