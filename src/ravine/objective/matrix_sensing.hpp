#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/objective/measurement_ensemble.hpp"
#include "ravine/objective/objective.hpp"
#include "ravine/objective/residual_operator.hpp"

namespace ravine {

/// Factored matrix sensing: find U, (d, R), from y_i = <A_i, X*> by
///   f(U)      = 1/(2m) sum_i r_i^2,  r_i = <A_i, U U^T> - y_i,
///   grad f(U) = 1/m sum_i r_i (A_i + A_i^T) U = 2 G U,  G = 1/m sum_i r_i S_i,
///   Hess f(U)[V] = 1/m sum_i <S_i, U V^T + V U^T> 2 S_i U + 2 G V,
/// with S_i the symmetric part of A_i. Each member is one U of its own with its own loss; all
/// members share one pass over the measurements per evaluation, be it of the gradient or of the
/// Hessian.
class MatrixSensing {
 public:
  using Scalar = double;

  /// One member a name, its block called `U.<name>`. values: m numbers. The ensemble, the values
  /// and the team must outlive the objective. Throws ShapeError.
  MatrixSensing(const MeasurementEnsemble& ensemble, std::span<const double> values,
                std::size_t rank, std::span<const std::string> member_names, ThreadTeam& team);

  /// The same by any other way to the residuals, such as a NormalOperator.
  MatrixSensing(std::unique_ptr<ResidualOperator> residuals, std::size_t rank,
                std::span<const std::string> member_names, ThreadTeam& team);

  const ParameterLayout& layout() const { return layout_; }
  void loss_and_gradient(std::span<const double> u, const Evaluation& evaluation,
                         std::span<double> gradient, std::span<double> losses);
  void hessian_vector(std::span<const double> u, const Evaluation& evaluation,
                      std::span<const double> direction, std::span<double> product);

  /// U U^T of a member, (d, d), as of the last loss_and_gradient in which it was active.
  MatrixView<const double> gram(std::size_t member) const;

 private:
  std::size_t dimension() const { return residuals_->dimension(); }
  MatrixView<double> candidates(std::size_t count);
  MatrixView<double> square(AlignedBuffer<double>& squares, std::size_t member);
  template <class Work>
  void for_each_share(int thread, std::span<const std::size_t> members, const Work& work) const;
  void make_grams(std::span<const double> u, std::span<const std::size_t> members);
  void pack_grams(std::span<const std::size_t> members);
  void pass_factors(std::span<const double> u, std::span<const double> direction,
                    std::span<const std::size_t> members, std::span<double> products);

  std::unique_ptr<ResidualOperator> residuals_;
  ThreadTeam& team_;
  ParameterLayout layout_;
  AlignedBuffer<double> grams_;  // (K, d, d): U U^T
  // Of operators that do not take factors:
  AlignedBuffer<double> adjoints_;  // (K, d, d): G or 2 G
  // (2 K, p), spaced: svec(U U^T) of the active members, then, for the Hessian,
  // svec(U V^T + V U^T)
  AlignedBuffer<double> x_;
};

/// The population loss, of one member with the block U.1, by population_operator(): what matrix
/// sensing tends to as m grows, for A_i with i.i.d. N(0, 1) entries, where E <A, M>^2 = |M|_F^2:
///   f(U) = 1/2 |U U^T - X*|_F^2,  grad f(U) = 2 (U U^T - X*) U,
///   Hess f(U)[V] = 2 (U V^T + V U^T) U + 2 (U U^T - X*) V.
/// truth: X*, (d, d), symmetric. The team must outlive the objective. Throws ShapeError.
MatrixSensing population_sensing(MatrixView<const double> truth, std::size_t rank,
                                 ThreadTeam& team);

}  // namespace ravine
