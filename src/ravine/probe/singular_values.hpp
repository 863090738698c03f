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

/// Singular values with the left singular vectors of the largest.
struct SingularSpectrum {
  std::vector<double> values;  ///< as of singular_values
  std::vector<double> left;    ///< (vectors, m), orthonormal rows
};

/// a: (m, n), m >= n >= vectors. The vectors are those of a matrix within a small multiple of eps
/// times the largest singular value of a, and NaN with the values. Throws ShapeError.
SingularSpectrum singular_spectrum(MatrixView<const double> a, std::size_t leading,
                                   std::size_t vectors);

}  // namespace ravine
