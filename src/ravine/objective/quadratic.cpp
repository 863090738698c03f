#include "ravine/objective/quadratic.hpp"

#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

Quadratic::Quadratic(std::vector<double> curvature, std::vector<double> minimiser)
    : curvature_(std::move(curvature)), minimiser_(std::move(minimiser)) {
  if (curvature_.size() != minimiser_.size()) {
    throw ShapeError(error_text("quadratic", "minimiser",
                                fmt::format("{} numbers", curvature_.size()),
                                fmt::format("{}", minimiser_.size())));
  }
  layout_.add("w", 1, curvature_.size());
}

void Quadratic::loss_and_gradient(std::span<const double> w, const Evaluation&,
                                  std::span<double> gradient, std::span<double> losses) const {
  losses[0] = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    gradient[i] = curvature_[i] * (w[i] - minimiser_[i]);
    losses[0] += 0.5 * gradient[i] * (w[i] - minimiser_[i]);
  }
}

void Quadratic::hessian_vector(std::span<const double>, const Evaluation&,
                               std::span<const double> direction, std::span<double> product) const {
  for (std::size_t i = 0; i < product.size(); ++i) product[i] = curvature_[i] * direction[i];
}

}  // namespace ravine
