#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "ravine/objective/measurement_form.hpp"

namespace ravine {

/// Measurements by A_i = a_i a_i^T, <A_i, X> = a_i^T X a_i, of which the m d numbers of the vectors
/// are kept instead of m p. With the matrix A of the vectors, (m, d), and candidates given by
/// factors, Z = A U,
///   r_i = |z_i|^2 - y_i,   2 sum_i r_i S_i U = 2 A^T diag(r) Z:
/// 4 m d R operations a pass instead of the 4 m d^2 that any X needs. Phase retrieval (real
/// signals; Candes, Strohmer and Voroninski 2013) and covariance sketching (Chen, Chi and Goldsmith
/// 2015) measure so.
class RankOneVectors : public MeasurementForm {
 public:
  /// vectors: (m, d), row-major, wherever they lie; `owner` keeps them alive.
  RankOneVectors(std::span<const double> vectors, std::size_t dimension,
                 std::shared_ptr<const void> owner)
      : vectors_(vectors.data(), dimension == 0 ? 0 : vectors.size() / dimension, dimension),
        owner_(std::move(owner)) {}

  std::size_t count() const override { return vectors_.rows; }
  void pass(IndexRange rows, std::span<const double> values, MatrixView<const double> x,
            MatrixView<double> residuals, MatrixView<double> adjoints) const override;
  void copy_rows(std::size_t first, MatrixView<double> out) const override;
  bool takes_factors() const override { return true; }
  void pass_factors(IndexRange rows, std::span<const double> values,
                    std::span<const Factor> factors, std::span<double> sums) const override;

 private:
  MatrixView<const double> vectors_;
  std::shared_ptr<const void> owner_;
};

}  // namespace ravine
