#include "ravine/objective/factored_form.hpp"

#include "ravine/kernels/matmul.hpp"

namespace ravine {

void symmetric_product(MatrixView<const double> u, MatrixView<const double> v,
                       MatrixView<double> out) {
  matmul_by_transposed(u, v, out);
  matmul_by_transposed(v, u, out, Store::accumulate);
}

void factored_hessian(MatrixView<const double> n, MatrixView<const double> g,
                      MatrixView<const double> u, MatrixView<const double> v,
                      MatrixView<double> product) {
  matmul(n, u, product);
  matmul(g, v, product, Store::accumulate);
  for (std::size_t i = 0; i < product.rows; ++i) {
    for (double& value : product.row(i)) value *= 2;
  }
}

}  // namespace ravine
