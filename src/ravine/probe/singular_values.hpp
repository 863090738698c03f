#pragma once

#include <cstddef>
#include <vector>

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// All min(m, n) singular values of a, (m, n), decreasing; NaN if an entry is not finite. The
/// `leading` largest are right to a small multiple of eps times the largest, by bisection on the
/// bidiagonal form; of the others the squares are, as eigenvalues of B^T B. That is what a sum over
/// the spectrum needs, at a tenth of the time of a full decomposition.
std::vector<double> singular_values(MatrixView<const double> a, std::size_t leading);

}  // namespace ravine
