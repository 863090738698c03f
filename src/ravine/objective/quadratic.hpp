#pragma once

#include <vector>

#include "ravine/objective/objective.hpp"

namespace ravine {

/// f(w) = 1/2 sum_i curvature_i (w_i - minimiser_i)^2: the problem whose answers are known in
/// closed form. Under gradient descent w_t - w* = (1 - eta h)^t (w_0 - w*) for each coordinate; it
/// diverges exactly when eta > 2 / max h.
class Quadratic {
 public:
  using Scalar = double;

  /// Equal sizes, else ShapeError.
  Quadratic(std::vector<double> curvature, std::vector<double> minimiser);

  const ParameterLayout& layout() const { return layout_; }
  void loss_and_gradient(std::span<const double> w, const Evaluation&, std::span<double> gradient,
                         std::span<double> losses) const;
  void hessian_vector(std::span<const double> w, const Evaluation&,
                      std::span<const double> direction, std::span<double> product) const;

 private:
  std::vector<double> curvature_;
  std::vector<double> minimiser_;
  ParameterLayout layout_;
};

}  // namespace ravine
