#pragma once

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// Pieces that every loss of the form f(U) = h(U U^T) with quadratic h shares. With G = grad h at U
/// U^T and N the (constant) Hessian of h: grad f = 2 G U, Hess f[V] = 2 N[U V^T + V U^T] U + 2 G V.

/// out <- U V^T + V U^T. U, V: (d, R); out: (d, d), symmetric.
void symmetric_product(MatrixView<const double> u, MatrixView<const double> v,
                       MatrixView<double> out);

/// product <- 2 N U + 2 G V, where N = N[U V^T + V U^T]. N, G: (d, d); U, V, product: (d, R).
void factored_hessian(MatrixView<const double> n, MatrixView<const double> g,
                      MatrixView<const double> u, MatrixView<const double> v,
                      MatrixView<double> product);

}  // namespace ravine
