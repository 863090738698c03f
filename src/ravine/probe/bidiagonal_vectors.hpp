#pragma once

#include <span>
#include <vector>

namespace ravine {

/// Left singular vectors of an upper bidiagonal B for its largest singular values, (k, n), a unit
/// vector a row, orthonormal. Inverse iteration on the Golub-Kahan form of B, the tridiagonal of 2
/// n rows whose eigenvalues are the singular values and their negatives (Golub and Van Loan, Matrix
/// Computations, section 8.6.1; orthogonalisation as in LAPACK's dstein). Where singular values
/// coincide the vectors are some basis, and where one is 0 some unit vector orthogonal to the
/// others. diagonal, superdiagonal: n each, the last of superdiagonal is not read; values: k,
/// decreasing, right to a small multiple of eps times the largest.
std::vector<double> left_singular_vectors(std::span<const double> diagonal,
                                          std::span<const double> superdiagonal,
                                          std::span<const double> values);

}  // namespace ravine
