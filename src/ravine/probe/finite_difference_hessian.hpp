#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "ravine/kernels/vector_ops.hpp"
#include "ravine/probe/loss_function.hpp"

namespace ravine {

/// Gives any objective Hessian-vector products, by central differences of its gradient:
///   H v ~ (gradient(x + t v) - gradient(x - t v)) / (2 t),  t = eps^(1/3) max(1, |x|) / |v|,
/// where eps^(1/3), 6e-6, balances truncation against rounding; expect ten digits of a product on a
/// smooth loss. With ReLU the Hessian is that between kinks, and a kink within t of x spoils it.
/// The objective must outlive this.
template <DoubleObjective O>
class FiniteDifferenceHessian {
 public:
  using Scalar = double;

  explicit FiniteDifferenceHessian(O& objective)
      : objective_(objective),
        displaced_(layout().size()),
        below_(layout().size()),
        unused_(layout().members()) {}

  const ParameterLayout& layout() const { return objective_.layout(); }

  void loss_and_gradient(std::span<const double> parameters, const Evaluation& evaluation,
                         std::span<double> gradient, std::span<double> losses) {
    objective_.loss_and_gradient(parameters, evaluation, gradient, losses);
  }

  void hessian_vector(std::span<const double> parameters, const Evaluation& evaluation,
                      std::span<const double> direction, std::span<double> product) {
    const double length = std::sqrt(squared_norm(direction));
    const double scale = std::max(1.0, std::sqrt(squared_norm(parameters)));
    // Along a zero direction any step does.
    const double t =
        std::cbrt(std::numeric_limits<double>::epsilon()) * scale / (length > 0 ? length : 1);
    gradient_at(parameters, evaluation, direction, t, product);
    gradient_at(parameters, evaluation, direction, -t, below_);
    for (const ParameterBlock& block : layout().blocks()) {
      if (!evaluation.is_active(block.member)) continue;
      for (std::size_t i = block.offset; i < block.offset + block.size(); ++i) {
        product[i] = (product[i] - below_[i]) / (2 * t);
      }
    }
  }

 private:
  void gradient_at(std::span<const double> parameters, const Evaluation& evaluation,
                   std::span<const double> direction, double t, std::span<double> gradient) {
    displaced_.assign(parameters.begin(), parameters.end());
    add_scaled(t, direction, displaced_);
    objective_.loss_and_gradient(displaced_, evaluation, gradient, unused_);
  }

  O& objective_;
  std::vector<double> displaced_;
  std::vector<double> below_;   // gradient at x - t v
  std::vector<double> unused_;  // losses
};

}  // namespace ravine
