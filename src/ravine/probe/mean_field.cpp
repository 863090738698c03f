#include "ravine/probe/mean_field.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <Eigen/Eigenvalues>

#include "ravine/kernels/activation.hpp"

namespace ravine {

namespace {

constexpr int kNodes = 128;
constexpr double kTail = 10;  // normal numbers beyond it do not count: 1.5e-23
constexpr int kMostLayers = 10'000;
constexpr double kSettled = 1e-14;

/// Points x and weights w with E f(z) = sum w f(x), z ~ N(0, 1). Gauss and Legendre's rule on
/// either side of 0: Gauss and Hermite's would take the kinks and jumps of some activations
/// there for smooth.
struct NormalRule {
  std::array<double, 2 * kNodes> points, weights;

  /// By the eigenvalues of the Jacobi matrix (Golub and Welsch 1969).
  NormalRule() {
    Eigen::VectorXd diagonal = Eigen::VectorXd::Zero(kNodes), beside(kNodes - 1);
    for (int k = 1; k < kNodes; ++k) beside(k - 1) = k / std::sqrt(4.0 * k * k - 1);
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> jacobi;
    jacobi.computeFromTridiagonal(diagonal, beside);
    for (int i = 0; i < kNodes; ++i) {
      const double x = kTail / 2 * (1 + jacobi.eigenvalues()(i));
      const double length = kTail * std::pow(jacobi.eigenvectors()(0, i), 2);
      const double density = std::exp(-x * x / 2) / std::sqrt(2 * M_PI);
      points[2 * i] = x;
      points[2 * i + 1] = -x;
      weights[2 * i] = weights[2 * i + 1] = length * density;
    }
  }

  /// E f(z)^2 of the numbers f at the points.
  double mean_square(std::span<const double> values) const {
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * values[i] * values[i];
    return sum;
  }
};

const NormalRule& normal_rule() {
  static const NormalRule rule;
  return rule;
}

std::array<double, 2 * kNodes> scaled_points(double q) {
  std::array<double, 2 * kNodes> z = normal_rule().points;
  for (double& point : z) point *= std::sqrt(q);
  return z;
}

}  // namespace

double MeanField::activation_square(double q) const {
  std::array<double, 2 * kNodes> a = scaled_points(q);
  activate(activation, std::span<double>(a));
  return normal_rule().mean_square(a);
}

double MeanField::next_variance(double q) const {
  return weight_variance * activation_square(q) + bias_variance;
}

double MeanField::fixed_variance() const {
  double q = 1;
  for (int layer = 0; layer < kMostLayers && std::isfinite(q); ++layer) {
    const double next = next_variance(q);
    if (std::abs(next - q) <= kSettled * q) return next;
    q = next;
  }
  return q;
}

double MeanField::gradient_growth(double q) const {
  std::array<double, 2 *kNodes> at = scaled_points(q), slope;
  if (!needs_pre_activation(activation)) activate(activation, std::span<double>(at));
  slope.fill(1);
  multiply_by_derivative(activation, at, slope);
  return weight_variance * normal_rule().mean_square(slope);
}

std::optional<double> entry_variance(Initialization initialization, std::size_t fan_in,
                                     std::size_t fan_out) {
  const auto in = static_cast<double>(fan_in), out = static_cast<double>(fan_out);
  switch (initialization) {
    case Initialization::torch:
      return 1 / (3 * in);
    case Initialization::lecun:
      return 1 / in;
    case Initialization::xavier_uniform:
    case Initialization::xavier_normal:
      return 2 / (in + out);
    case Initialization::he_uniform:
    case Initialization::he_normal:
      return 2 / in;
    case Initialization::orthogonal:
      return 1 / std::max(in, out);
    case Initialization::lsuv:
      return std::nullopt;
    case Initialization::normal:
      return 1;
    case Initialization::zero:
      return 0;
  }
  return std::nullopt;
}

std::optional<MeanFieldSignal> mean_field_signal(const MlpConfig& config,
                                                 Initialization initialization, double gain) {
  if (config.normalisation != Normalisation::none || config.residual || config.dropout.rate > 0) {
    return std::nullopt;
  }
  MeanFieldSignal signal;
  std::vector<double> growth;  // of the squared signal from layer l + 1 to layer l
  double q = 0;
  for (std::size_t layer = 0; layer < config.depth(); ++layer) {
    const auto in = static_cast<double>(config.fan_in(layer));
    const auto variance =
        entry_variance(initialization, config.fan_in(layer), config.fan_out(layer));
    if (!variance) return std::nullopt;
    const bool biased = config.bias && initialization == Initialization::torch;
    const MeanField field{config.activation, in * *variance * gain * gain,
                          biased ? 1 / (3 * in) : 0};
    if (layer > 0) growth.push_back(field.gradient_growth(q));
    const double input_square = layer > 0 ? field.activation_square(q) : 1;
    signal.forward.push_back(std::sqrt(in * input_square));
    q = field.weight_variance * input_square + field.bias_variance;
  }
  signal.backward.assign(config.depth(), 1.0);
  for (std::size_t layer = growth.size(); layer-- > 0;) {
    signal.backward[layer] = signal.backward[layer + 1] * std::sqrt(growth[layer]);
  }
  return signal;
}

}  // namespace ravine
