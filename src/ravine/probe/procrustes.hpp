#pragma once

#include <vector>

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// The b Q nearest to a in the Frobenius norm, Q orthogonal: with the singular value decomposition
/// b^T a = W S V^T it is Q = W V^T (Schonemann 1966, "A generalized solution of the orthogonal
/// Procrustes problem"). A loss of U U^T is the same at b and at b Q. a, b and the result: (d, R).
/// Throws ShapeError.
std::vector<double> aligned_to(MatrixView<const double> a, MatrixView<const double> b);

}  // namespace ravine
