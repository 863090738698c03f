#include "support/reference_mlp.hpp"

#include <cmath>

namespace ravine::testing {

namespace {

double logistic(double z) { return 1 / (1 + std::exp(-z)); }
double normal_cdf(double z) { return (1 + std::erf(z / std::sqrt(2))) / 2; }

double phi(Activation activation, double z) {
  switch (activation) {
    case Activation::identity:
      return z;
    case Activation::relu:
      return z > 0 ? z : 0;
    case Activation::leaky_relu:
      return z > 0 ? z : 0.01 * z;
    case Activation::elu:
      return z > 0 ? z : std::exp(z) - 1;
    case Activation::selu:
      return 1.0507009873554805 * (z > 0 ? z : 1.6732632423543772 * (std::exp(z) - 1));
    case Activation::gelu:
      return z * normal_cdf(z);
    case Activation::silu:
      return z * logistic(z);
    case Activation::tanh:
      return std::tanh(z);
    case Activation::sigmoid:
      return logistic(z);
    case Activation::softplus:
      return std::log(1 + std::exp(z));
  }
  return 0;
}

double phi_derivative(Activation activation, double z) {
  switch (activation) {
    case Activation::identity:
      return 1;
    case Activation::relu:
      return z > 0 ? 1 : 0;
    case Activation::leaky_relu:
      return z > 0 ? 1 : 0.01;
    case Activation::elu:
      return z > 0 ? 1 : std::exp(z);
    case Activation::selu:
      return 1.0507009873554805 * (z > 0 ? 1 : 1.6732632423543772 * std::exp(z));
    case Activation::gelu:
      return normal_cdf(z) + z * std::exp(-z * z / 2) / std::sqrt(2 * std::acos(-1));
    case Activation::silu:
      return logistic(z) * (1 + z * (1 - logistic(z)));
    case Activation::tanh:
      return 1 / (std::cosh(z) * std::cosh(z));
    case Activation::sigmoid:
      return logistic(z) * logistic(-z);
    case Activation::softplus:
      return logistic(z);
  }
  return 0;
}

double sum_of_exponentials(std::span<const double> logits) {
  double sum = 0;
  for (const double logit : logits) sum += std::exp(logit);
  return sum;
}

}  // namespace

ReferenceMlp::ReferenceMlp(const MlpConfig& config, std::span<const double> parameters,
                           const LabelledPixels& samples)
    : config_(config), parameters_(parameters), samples_(samples) {
  std::size_t next = 0;
  for (std::size_t l = 0; l < config.depth(); ++l) {
    weights_.push_back(next);
    next += config.fan_out(l) * (config.fan_in(l) + (config.bias ? 1 : 0));
  }
}

std::vector<double> ReferenceMlp::image(std::size_t sample) const {
  std::vector<double> x;
  for (const std::uint8_t pixel : samples_.image(sample)) {
    x.push_back(samples_.scale * pixel + samples_.shift);
  }
  return x;
}

std::vector<double> ReferenceMlp::pre_activation(std::size_t layer,
                                                 std::span<const double> input) const {
  const std::size_t width = config_.fan_out(layer);
  const double* w = parameters_.data() + weights_[layer];
  const double* bias = w + width * input.size();
  std::vector<double> z(width);
  for (std::size_t o = 0; o < width; ++o) {
    z[o] = config_.bias ? bias[o] : 0;
    for (std::size_t i = 0; i < input.size(); ++i) z[o] += w[o * input.size() + i] * input[i];
  }
  return z;
}

std::vector<std::vector<double>> ReferenceMlp::outputs(std::size_t sample) const {
  std::vector<std::vector<double>> outputs;
  std::vector<double> x = image(sample);
  for (std::size_t l = 0; l < config_.depth(); ++l) {
    x = pre_activation(l, x);
    if (l + 1 < config_.depth()) {
      for (double& value : x) value = phi(config_.activation, value);
    }
    outputs.push_back(x);
  }
  return outputs;
}

double ReferenceMlp::loss(std::size_t sample) const {
  const std::vector<double> logits = outputs(sample).back();
  return std::log(sum_of_exponentials(logits)) - logits[samples_.labels[sample]];
}

std::vector<double> ReferenceMlp::gradient(std::size_t sample) const {
  const std::vector<std::vector<double>> out = outputs(sample);
  const double sum = sum_of_exponentials(out.back());
  std::vector<double> delta;  // d loss / d pre-activation
  for (const double logit : out.back()) delta.push_back(std::exp(logit) / sum);
  delta[samples_.labels[sample]] -= 1;
  std::vector<double> gradient(parameters_.size());
  for (std::size_t l = config_.depth(); l-- > 0;) {
    const std::vector<double> input = l == 0 ? image(sample) : out[l - 1];
    std::vector<double> below(input.size());
    for (std::size_t o = 0; o < delta.size(); ++o) {
      for (std::size_t i = 0; i < input.size(); ++i) {
        const std::size_t at = weights_[l] + o * input.size() + i;
        gradient[at] = delta[o] * input[i];
        below[i] += delta[o] * parameters_[at];
      }
      if (config_.bias) gradient[weights_[l] + delta.size() * input.size() + o] = delta[o];
    }
    if (l == 0) break;
    const std::vector<double> z = pre_activation(l - 1, l == 1 ? image(sample) : out[l - 2]);
    for (std::size_t i = 0; i < below.size(); ++i) {
      below[i] *= phi_derivative(config_.activation, z[i]);
    }
    delta = below;
  }
  return gradient;
}

double ReferenceMlp::mean_loss(std::span<const std::uint32_t> samples) const {
  double sum = 0;
  for (const std::uint32_t sample : samples) sum += loss(sample);
  return sum / static_cast<double>(samples.size());
}

std::vector<double> ReferenceMlp::mean_gradient(std::span<const std::uint32_t> samples) const {
  std::vector<double> mean(parameters_.size());
  for (const std::uint32_t sample : samples) {
    const std::vector<double> one = gradient(sample);
    for (std::size_t i = 0; i < mean.size(); ++i) {
      mean[i] += one[i] / static_cast<double>(samples.size());
    }
  }
  return mean;
}

}  // namespace ravine::testing
