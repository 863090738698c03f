#pragma once

#include <cstddef>
#include <span>

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// Number of entries of svec of a d x d symmetric matrix: d (d + 1) / 2.
constexpr std::size_t svec_size(std::size_t d) { return d * (d + 1) / 2; }

/// The d with svec_size(d) = p, or 0 when there is none.
std::size_t svec_dimension(std::size_t p);

/// v <- svec(M): the upper triangle row by row, off-diagonal entries times sqrt 2, so that
/// <svec(A), svec(B)> = trace(A B) for symmetric A, B. M: (d, d), only the upper triangle is read.
void svec(MatrixView<const double> m, std::span<double> v);

/// M <- factor * smat(v), the inverse of svec; both triangles are written. M: (d, d).
void smat(std::span<const double> v, double factor, MatrixView<double> m);

/// v <- svec((A + A^T) / 2) for any square A: (d, d).
template <class T>
void svec_symmetric_part(MatrixView<const T> a, std::span<double> v);

}  // namespace ravine
