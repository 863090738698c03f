#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/matrix_view.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/kernels/symmetric_panel.hpp"
#include "ravine/objective/chunked_sum.hpp"
#include "ravine/objective/measurement_ensemble.hpp"

namespace ravine {

/// N = A^T A of the (m, p) rows of an ensemble, in float64, of which the lower triangle is kept and
/// read: p^2 / 2 numbers. Every element is one chain of fused multiply-adds in the order of the
/// measurements, every product adds up a fixed number of partial sums by a binary tree: the same
/// bits for any team size.
class NormalMatrix {
 public:
  /// m p^2 floating-point operations. The team must outlive the matrix, the ensemble need not.
  NormalMatrix(const MeasurementEnsemble& ensemble, ThreadTeam& team);

  std::size_t size() const { return size_; }                   ///< p
  double mean_eigenvalue() const { return mean_eigenvalue_; }  ///< tr(N) / p

  /// y(k, :) <- N x(k, :) of all vectors in one pass over N. x, y: (K, p), of the same stride,
  /// best that of spaced_stride(p). Throws ShapeError.
  void multiply(MatrixView<const double> x, MatrixView<double> y);

 private:
  std::size_t panels() const;
  SymmetricPanel<double> panel(std::size_t index);
  void build(const MeasurementEnsemble& ensemble);
  void add_products(MatrixView<const double> rows, const SymmetricPanel<double>& panel);

  std::size_t size_;
  ThreadTeam& team_;
  AlignedBuffer<double> elements_;  // panel after panel
  double mean_eigenvalue_ = 0;
  ChunkedSum sum_;                        // of products, (K, p)
  std::vector<std::size_t> first_pairs_;  // of the chunks of a product
};

}  // namespace ravine
