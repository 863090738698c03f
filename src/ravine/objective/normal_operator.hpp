#pragma once

#include <span>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/objective/measurement_ensemble.hpp"
#include "ravine/objective/normal_matrix.hpp"
#include "ravine/objective/residual_operator.hpp"

namespace ravine {

/// Residuals by the normal matrix N = A^T A, which takes p^2 / 2 numbers an evaluation instead of
/// the m p of the measurements. About a reference point x_ref, with r_ref = A x_ref - y, g_ref =
/// A^T r_ref and e = x - x_ref,
///   A^T r = N e + g_ref,   |r|^2 = e^T N e + 2 g_ref^T e + |r_ref|^2.
/// That holds for any x_ref. It is a least-squares solution as conjugate gradients find it, so that
/// near it every term is as small as what is computed: rounding errors are relative to the distance
/// from it, not to |y|^2 as those of x^T N x - 2 (A^T y)^T x + |y|^2 are. There may be others, at
/// the latest when m < p; of a candidate near one of those little is left of large terms, and its
/// residuals are taken from a pass over the measurements.
class NormalOperator : public ResidualOperator {
 public:
  /// Two or three passes over the measurements, m p^2 operations for N, and conjugate gradients
  /// from `start`, p numbers or none for 0; a start that is a solution ends them at once. values:
  /// y, m numbers. Team, ensemble and values must outlive the operator. Throws ShapeError.
  NormalOperator(const MeasurementEnsemble& ensemble, std::span<const double> values,
                 ThreadTeam& team, std::span<const double> start = {});

  std::size_t dimension() const override { return ensemble_.dimension(); }
  std::size_t count() const override { return ensemble_.count(); }
  void run(MatrixView<const double> x, std::size_t linear = 0) override;
  double residual_square(std::size_t candidate) const override { return squares_[candidate]; }
  std::span<const double> adjoint(std::size_t candidate) const override;

  /// Multiplications by N after which the search for the reference point ends in any case.
  static constexpr int kMaxReferenceIterations = 500;
  static constexpr double kReferenceTolerance = 1e-13;  ///< of |A^T r_ref| in |A^T y|
  /// A smaller share than this of tr(N) / p |e|^2 + |r_ref|^2, as large as its terms are, makes an
  /// |r|^2 that is summed up from them less certain than 1e-12.
  static constexpr double kCertainShare = 1e-4;

 private:
  void find_reference(bool from_zero);
  void finish(std::size_t k, bool is_linear);
  void pass_over_uncertain(MatrixView<const double> x, std::size_t affine);

  const MeasurementEnsemble& ensemble_;
  std::span<const double> values_;
  ThreadTeam& team_;
  EnsemblePass pass_;
  NormalMatrix normal_;
  std::vector<double> reference_;          // x_ref, p
  std::vector<double> reference_adjoint_;  // g_ref, p
  double reference_square_ = 0;            // |r_ref|^2
  std::size_t stride_;                     // of the vectors below
  AlignedBuffer<double> offsets_;          // (K, p): e, or x of linear candidates
  AlignedBuffer<double> adjoints_;         // (K, p)
  std::vector<double> squares_;            // K
  std::vector<char> certain_;              // K
};

}  // namespace ravine
