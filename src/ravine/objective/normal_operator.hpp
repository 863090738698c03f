#pragma once

#include <span>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/objective/normal_matrix.hpp"
#include "ravine/objective/residual_operator.hpp"

namespace ravine {

/// Residuals by the normal matrix N = A^T A, which takes p^2 / 2 numbers an evaluation instead of
/// the m p of the measurements. About a reference point x_ref, with r_ref = A x_ref - y, g_ref =
/// A^T r_ref and e = x - x_ref,
///   A^T r = N e + g_ref,   |r|^2 = e^T N e + 2 g_ref^T e + |r_ref|^2.
/// That holds for any x_ref. It is the least-squares solution as conjugate gradients find it, so
/// that near a solution every term is as small as what is computed: rounding errors are relative to
/// the distance from it, not to |y|^2 as those of x^T N x - 2 (A^T y)^T x + |y|^2 are.
class NormalOperator : public ResidualOperator {
 public:
  /// Two passes over the measurements, m p^2 operations for N, and conjugate gradients on it. The
  /// team must outlive the operator; ensemble and values need not. values: y, m numbers. Throws
  /// ShapeError.
  NormalOperator(const MeasurementEnsemble& ensemble, std::span<const double> values,
                 ThreadTeam& team);

  std::size_t dimension() const override { return dimension_; }
  std::size_t count() const override { return count_; }
  void run(MatrixView<const double> x, std::size_t linear = 0) override;
  double residual_square(std::size_t candidate) const override { return squares_[candidate]; }
  std::span<const double> adjoint(std::size_t candidate) const override;

  /// Multiplications by N after which the search for the reference point ends in any case.
  static constexpr int kMaxReferenceIterations = 500;
  static constexpr double kReferenceTolerance = 1e-13;  ///< of |A^T r_ref| in |A^T y|

 private:
  std::size_t dimension_;
  std::size_t count_;
  NormalMatrix normal_;
  std::vector<double> reference_;          // x_ref, p
  std::vector<double> reference_adjoint_;  // g_ref, p
  double reference_square_ = 0;            // |r_ref|^2
  std::size_t stride_;                     // of the vectors below
  AlignedBuffer<double> offsets_;          // (K, p): e, or x of linear candidates
  AlignedBuffer<double> adjoints_;         // (K, p)
  std::vector<double> squares_;            // K
};

}  // namespace ravine
