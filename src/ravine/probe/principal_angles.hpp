#pragma once

#include <vector>

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// The principal angles between two subspaces of R^d, in radians from 0 to pi/2, increasing. p: (k,
/// d), q: (l, d), k <= l, each with orthonormal rows that span one. Angles beyond pi/4 are found by
/// their cosines, the singular values of P Q^T, the others by their sines, those of P - P Q^T Q, so
/// that every angle is right to a small multiple of eps (Bjorck and Golub 1973). NaN where an entry
/// is. Throws ShapeError.
std::vector<double> principal_angles(MatrixView<const double> p, MatrixView<const double> q);

}  // namespace ravine
