#pragma once

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// The part that a panel of rows of a symmetric matrix N has in the products N x(k, :) of K vectors
/// at once, from the lower triangle alone: rows c - h .. c - 1 are given up to column c - 1, and
/// stand for the columns of the same numbers as well.
///   y(k, c - h + i) += <panel(i, :), x(k, 0 : c)>
///   y(k, 0 : c - h) += sum_i x(k, c - h + i) panel(i, 0 : c - h)
/// panel: (h, c), h <= c, its last h columns a symmetric square; x, y: (K, n), n >= c. Over all
/// panels of N this adds N x(k, :) to y(k, :). Every sum has one fixed order. Single-threaded.
/// Throws ShapeError.
void symmetric_panel(MatrixView<const double> panel, MatrixView<const double> x,
                     MatrixView<double> y);

}  // namespace ravine
