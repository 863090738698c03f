#pragma once

#include <span>

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// Rows that are taken together: of parts that are multiples of it no row is left to be taken
/// alone.
inline constexpr std::size_t kRowGroup = 4;

/// Rows that stay in cache while several groups of candidates pass over them.
inline constexpr std::size_t kCachedRows = 24;

/// One pass over a block of measurements for K candidates at once: residual and adjoint of every
/// row while it is in cache.
///   r(k, i)       = <rows(i, :), x(k, :)> - values[i]
///   residuals(k, i) = r(k, i)
///   adjoint(k, :) += sum_i r(k, i) rows(i, :)
/// rows: (m, p); values: m; x: (K, p); residuals: (K, m); adjoint: (K, p). Arithmetic and sums are
/// in double whatever the type of rows; each residual is one fixed order of additions, the adjoint
/// adds rows in order. Single-threaded. Throws ShapeError.
void measurement_pass(MatrixView<const float> rows, std::span<const double> values,
                      MatrixView<const double> x, MatrixView<double> residuals,
                      MatrixView<double> adjoint);
void measurement_pass(MatrixView<const double> rows, std::span<const double> values,
                      MatrixView<const double> x, MatrixView<double> residuals,
                      MatrixView<double> adjoint);

}  // namespace ravine
