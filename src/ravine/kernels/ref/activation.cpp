#include "ravine/kernels/ref/activation.hpp"

#include <cmath>

namespace ravine::ref {

namespace {

// Comparisons are written so that NaN takes the branch that keeps it.

double phi(Activation activation, double z) {
  switch (activation) {
    case Activation::relu:
      return z <= 0 ? 0 : z;
    case Activation::tanh:
      return std::tanh(z);
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-z));
  }
  return z;
}

double derivative(Activation activation, double a) {
  switch (activation) {
    case Activation::relu:
      return a <= 0 ? 0 : 1;
    case Activation::tanh:
      return 1 - a * a;
    case Activation::sigmoid:
      return a * (1 - a);
  }
  return a;
}

template <class T>
void activate_of(Activation activation, std::span<T> z) {
  for (T& value : z) value = static_cast<T>(phi(activation, value));
}

template <class T>
void multiply_by_derivative_of(Activation activation, std::span<const T> a, std::span<T> delta) {
  for (std::size_t i = 0; i < delta.size(); ++i) {
    delta[i] = static_cast<T>(delta[i] * derivative(activation, a[i]));
  }
}

}  // namespace

void activate(Activation activation, std::span<float> z) { activate_of(activation, z); }
void activate(Activation activation, std::span<double> z) { activate_of(activation, z); }
void multiply_by_derivative(Activation activation, std::span<const float> a,
                            std::span<float> delta) {
  multiply_by_derivative_of(activation, a, delta);
}
void multiply_by_derivative(Activation activation, std::span<const double> a,
                            std::span<double> delta) {
  multiply_by_derivative_of(activation, a, delta);
}

}  // namespace ravine::ref
