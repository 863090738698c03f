#include "ravine/kernels/ref/measured_step.hpp"

#include "ravine/kernels/ref/successive.hpp"
#include "ravine/kernels/ref/vector_ops.hpp"

namespace ravine::ref {

namespace {

template <class T>
StepSums measured_step_of(double factor, std::span<const T> x, std::span<const T> before,
                          std::span<T> y, bool weighs) {
  add_scaled(factor, x, y);
  StepSums sums{.square = squared_norm(x)};
  if (!before.empty()) sums.product = square_and_product(x, before).product;
  if (weighs) sums.moved_square = squared_norm(std::span<const T>(y));
  return sums;
}

}  // namespace

StepSums add_scaled_and_measure(double factor, std::span<const float> x,
                                std::span<const float> before, std::span<float> y, bool weighs) {
  return measured_step_of(factor, x, before, y, weighs);
}
StepSums add_scaled_and_measure(double factor, std::span<const double> x,
                                std::span<const double> before, std::span<double> y, bool weighs) {
  return measured_step_of(factor, x, before, y, weighs);
}

}  // namespace ravine::ref
