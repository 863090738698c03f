#include "ravine/kernels/ref/activation.hpp"

#include <cmath>
#include <numbers>

namespace ravine::ref {

namespace {

// Comparisons are written so that NaN takes the branch that keeps it. A factor that has underflown
// to 0 stays 0 against infinity.

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

/// P(X <= z) of X ~ N(0, 1). The relative error of erfc is z^2 times that of its argument, hence
/// the wider one.
double normal_cdf(double z) {
  return static_cast<double>(std::erfc(-static_cast<long double>(z) / std::sqrt(2.0L)) / 2);
}
double normal_density(double z) {
  return std::exp(-z * z / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

double times(double z, double factor) { return factor == 0 ? std::copysign(0.0, z) : z * factor; }

double phi(Activation activation, double z) {
  switch (activation) {
    case Activation::identity:
      return z;
    case Activation::relu:
      return z <= 0 ? 0 : z;
    case Activation::leaky_relu:
      return z <= 0 ? kLeakySlope * z : z;
    case Activation::elu:
      return z <= 0 ? std::expm1(z) : z;
    case Activation::selu:
      return kSeluLambda * (z <= 0 ? kSeluAlpha * std::expm1(z) : z);
    case Activation::gelu:
      return times(z, normal_cdf(z));
    case Activation::silu:
      return times(z, sigmoid(z));
    case Activation::tanh:
      return std::tanh(z);
    case Activation::sigmoid:
      return sigmoid(z);
    case Activation::softplus:
      return (z < 0 ? 0 : z) + std::log1p(std::exp(-std::abs(z)));
  }
  return z;
}

double derivative(Activation activation, double at) {
  switch (activation) {
    case Activation::identity:
      return 1;
    case Activation::relu:
      return at <= 0 ? 0 : 1;
    case Activation::leaky_relu:
      return at <= 0 ? kLeakySlope : 1;
    case Activation::elu:
      return at <= 0 ? at + 1 : 1;
    case Activation::selu:
      return at <= 0 ? at + kSeluLambda * kSeluAlpha : kSeluLambda;
    case Activation::gelu:
      return normal_cdf(at) + times(at, normal_density(at));
    case Activation::silu:
      return sigmoid(at) + times(at, sigmoid(at) * sigmoid(-at));
    case Activation::tanh:
      return 1 - at * at;
    case Activation::sigmoid:
      return at * (1 - at);
    case Activation::softplus:
      return -std::expm1(-at);
  }
  return at;
}

template <class T>
void activate_of(Activation activation, std::span<T> z) {
  for (T& value : z) value = static_cast<T>(phi(activation, value));
}

template <class T>
void multiply_by_derivative_of(Activation activation, std::span<const T> at, std::span<T> delta) {
  for (std::size_t i = 0; i < delta.size(); ++i) {
    delta[i] = static_cast<T>(delta[i] * derivative(activation, at[i]));
  }
}

}  // namespace

void activate(Activation activation, std::span<float> z) { activate_of(activation, z); }
void activate(Activation activation, std::span<double> z) { activate_of(activation, z); }
void multiply_by_derivative(Activation activation, std::span<const float> at,
                            std::span<float> delta) {
  multiply_by_derivative_of(activation, at, delta);
}
void multiply_by_derivative(Activation activation, std::span<const double> at,
                            std::span<double> delta) {
  multiply_by_derivative_of(activation, at, delta);
}

}  // namespace ravine::ref
