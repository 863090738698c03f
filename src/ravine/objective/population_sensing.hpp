#pragma once

#include <span>
#include <vector>

#include "ravine/objective/objective.hpp"

namespace ravine {

/// What matrix sensing tends to as m grows, for A_i with i.i.d. N(0, 1) entries, where
/// E <A, M>^2 = |M|_F^2:
///   f(U) = 1/2 |U U^T - X*|_F^2,  grad f(U) = 2 (U U^T - X*) U,
///   Hess f(U)[V] = 2 (U V^T + V U^T) U + 2 (U U^T - X*) V.
class PopulationSensing {
 public:
  using Scalar = double;

  /// truth: X*, (d, d), symmetric; the one block is U, (d, rank).
  PopulationSensing(std::vector<double> truth, std::size_t dimension, std::size_t rank);

  const ParameterLayout& layout() const { return layout_; }
  void loss_and_gradient(std::span<const double> u, const Evaluation&, std::span<double> gradient,
                         std::span<double> losses) const;
  void hessian_vector(std::span<const double> u, const Evaluation&,
                      std::span<const double> direction, std::span<double> product) const;

 private:
  std::vector<double> residual(std::span<const double> u) const;  // U U^T - X*, (d, d)

  std::vector<double> truth_;
  std::size_t dimension_;
  ParameterLayout layout_;
};

}  // namespace ravine
