#include "ravine/objective/population_sensing.hpp"

#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/factored_form.hpp"

namespace ravine {

PopulationSensing::PopulationSensing(std::vector<double> truth, std::size_t dimension,
                                     std::size_t rank)
    : truth_(std::move(truth)), dimension_(dimension) {
  if (truth_.size() != dimension * dimension) {
    throw ShapeError(error_text("population_sensing", "truth", fmt::format("{0} x {0}", dimension),
                                fmt::format("{} numbers", truth_.size())));
  }
  layout_.add("U", dimension, rank);
}

std::vector<double> PopulationSensing::residual(std::span<const double> u) const {
  std::vector<double> r(truth_.size());
  const MatrixView<const double> factor = layout_.view(u, 0);
  symmetric_product(factor, factor, MatrixView<double>(r.data(), dimension_, dimension_));
  for (std::size_t i = 0; i < r.size(); ++i) r[i] = 0.5 * r[i] - truth_[i];
  return r;
}

void PopulationSensing::loss_and_gradient(std::span<const double> u, const Evaluation&,
                                          std::span<double> gradient,
                                          std::span<double> losses) const {
  const std::vector<double> r = residual(u);
  losses[0] = 0.5 * squared_norm(std::span<const double>(r));
  matmul(MatrixView<const double>(r.data(), dimension_, dimension_), layout_.view(u, 0),
         layout_.view(gradient, 0));
  for (double& value : gradient) value *= 2;
}

void PopulationSensing::hessian_vector(std::span<const double> u, const Evaluation&,
                                       std::span<const double> direction,
                                       std::span<double> product) const {
  const std::vector<double> r = residual(u);
  std::vector<double> change(truth_.size());
  const MatrixView<double> n(change.data(), dimension_, dimension_);
  symmetric_product(layout_.view(u, 0), layout_.view(direction, 0), n);
  factored_hessian(n, MatrixView<const double>(r.data(), dimension_, dimension_),
                   layout_.view(u, 0), layout_.view(direction, 0), layout_.view(product, 0));
}

}  // namespace ravine
