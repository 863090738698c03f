#pragma once

#include <cstddef>
#include <span>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/matrix_view.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/objective/measurement_ensemble.hpp"

namespace ravine {

/// The smaller of the Gram matrices A A^T / m and A^T A / m of the (m, p) rows of an ensemble,
/// written out, and its Cholesky factor. The same bits for any team size.
class GramMatrix {
 public:
  /// m p min(m, p) floating-point operations and m p + min(m, p)^2 numbers of float64. The team
  /// must outlive the matrix, the ensemble need not.
  GramMatrix(const MeasurementEnsemble& ensemble, ThreadTeam& team);

  std::size_t size() const { return size_; }  ///< n = min(m, p)

  /// Replaces G by the factor L of G + shift I = L L^T, blocks of columns at a time, each by the
  /// columns to its left (Golub and Van Loan, Matrix Computations, section 4.2). shift: at least 0.
  /// Returns whether G + shift I is positive definite in float64; else nothing of use is left.
  bool factor(double shift);

  /// y <- (G + shift I)^-1 x, once factor() has returned true. x, y: n numbers.
  void solve(std::span<const double> x, std::span<double> y) const;

 private:
  void multiply_out(MatrixView<const double> rows);
  void subtract_left(std::size_t begin, IndexRange rows, MatrixView<double> scratch);

  std::size_t size_;
  ThreadTeam& team_;
  AlignedBuffer<double> elements_;  // (n, n), row-major; the lower triangle counts
};

}  // namespace ravine
