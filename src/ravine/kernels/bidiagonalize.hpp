#pragma once

#include <span>

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// Householder bidiagonalisation A = Q B P^T (Golub and Kahan 1965; Golub and Van Loan, Matrix
/// Computations, algorithm 5.4.2) without P: the singular values of the upper bidiagonal B are
/// those of A to within a small multiple of eps |A|_2, and Q is H_1 ... H_n, H_k = I - q_k q_k^T.
/// Both Householder reflections of a step are applied in one pass over the rows (Howell et al.
/// 2008).
///
/// a: (m, n), m >= n, destroyed; rows begin at multiples of 64 bytes and their stride is a multiple
/// of 8 with zeros behind the n columns. diagonal: n; superdiagonal: n, the last is 0. Entries must
/// be finite with squares that neither overflow nor underflow. reflections: (n, m), takes q_k
/// as row k, or empty. Throws ShapeError.
void bidiagonalize(MatrixView<double> a, std::span<double> diagonal,
                   std::span<double> superdiagonal, MatrixView<double> reflections = {});

/// below[i] = how many singular values of the upper bidiagonal B are less than x[i] >= 0, by the
/// signs of the differential stationary qd transform of B^T B - x^2 (Fernando and Parlett 1994);
/// right for some B whose entries differ from those given by a few ulps each. diagonal,
/// superdiagonal: n each, the last of superdiagonal is not read; x, below: of one size. Throws
/// ShapeError.
void count_singular_values_below(std::span<const double> diagonal,
                                 std::span<const double> superdiagonal, std::span<const double> x,
                                 std::span<double> below);

}  // namespace ravine
