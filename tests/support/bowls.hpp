#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "ravine/objective/objective.hpp"

namespace ravine::testing {

/// One-dimensional bowls side by side: member k has the loss curvature[k] / 2 w_k^2, in a block
/// `w<k>` of its own. Counts its evaluations.
class Bowls {
 public:
  using Scalar = double;

  explicit Bowls(std::vector<double> curvature) : curvature_(std::move(curvature)) {
    for (std::size_t k = 0; k < curvature_.size(); ++k) {
      layout_.add(fmt::format("w{}", k), 1, 1, k);
    }
  }

  const ParameterLayout& layout() const { return layout_; }
  void loss_and_gradient(std::span<const double> w, const Evaluation& evaluation,
                         std::span<double> gradient, std::span<double> losses) {
    ++evaluations;
    for (std::size_t k = 0; k < w.size(); ++k) {
      if (!evaluation.is_active(k)) continue;
      losses[k] = curvature_[k] / 2 * w[k] * w[k];
      gradient[k] = curvature_[k] * w[k];
    }
  }

  int evaluations = 0;

 private:
  std::vector<double> curvature_;
  ParameterLayout layout_;
};

}  // namespace ravine::testing
