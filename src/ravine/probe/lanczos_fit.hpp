#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ravine/probe/extreme_eigenpairs.hpp"

namespace ravine {

/// Damped least squares with a symmetric, possibly indefinite operator,
///   minimise |b + H p|^2 + mu |p|^2  over p in span {b, H b, ..., H^(k-1) b},
/// which solves (H^2 + mu I) p = -H b without ever squaring H: MINRES (Paige and Saunders 1975)
/// with damping. The space is kept, so another mu costs no further products. Basis vectors are
/// orthogonalised against all earlier ones, k of them of n numbers.
class LanczosFit {
 public:
  /// b: n numbers, not zero. H is applied once.
  LanczosFit(SymmetricOperator h, std::span<const double> b);

  struct Solution {
    std::vector<double> p;     ///< (n)
    double residual_norm = 0;  ///< |b + H p|
  };

  /// Grows the space until |H (b + H p) + mu p| <= tolerance |H b|, or to `most` dimensions; judged
  /// by an upper bound of the left side, in which the longest H q seen stands for the norm of H.
  Solution solve(double mu, double tolerance, std::size_t most);

  /// |H b| / |b|.
  double slope() const;
  /// Products with H so far.
  std::size_t products() const { return diagonal_.size(); }

 private:
  void extend();
  std::vector<double> coordinates(double mu) const;
  std::vector<double> residual_of(std::span<const double> y) const;
  double normal_residual_bound(std::span<const double> residual) const;
  bool is_exhausted() const;

  SymmetricOperator product_;
  double b_norm_;
  std::vector<std::vector<double>> basis_;  // q_1, ..., q_(k+1), orthonormal
  // Of the tridiagonal matrix Q^T H Q; below_[j] couples q_(j+1) and q_(j+2).
  std::vector<double> diagonal_, below_;
  double size_of_h_ = 0;  // the longest H q_j
};

}  // namespace ravine
