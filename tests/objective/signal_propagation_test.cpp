#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/line_fit.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/mlp.hpp"
#include "support/synthetic_images.hpp"

// Why gradients vanish or explode, and how norms of a mean and means of norms differ, as
// docs/mathematics.md says.

namespace ravine {
namespace {

using testing::SyntheticImages;

constexpr std::size_t kWidth = 128, kClasses = 5, kSamples = 40;

/// Gradient norms of the layers of a fresh network of equal widths, no biases.
std::vector<double> layer_norms(std::size_t hidden_layers, Activation activation,
                                Initialization initialization, std::uint64_t seed) {
  const MlpConfig config{kWidth, std::vector<std::size_t>(hidden_layers, kWidth), kClasses,
                         activation, false};
  const SyntheticImages images(kSamples, kWidth, kClasses);
  ThreadTeam team(2);
  Mlp<double> mlp(config, images.view(), Batcher(kSamples, kSamples, 0, false), team);
  const std::vector<float> drawn = initial_parameters(config, initialization, 1, seed);
  const std::vector<double> parameters(drawn.begin(), drawn.end());
  std::vector<double> gradient(parameters.size()), losses(1), norms;
  mlp.loss_and_gradient(parameters, Evaluation{0}, gradient, losses);
  for (const ParameterBlock& block : mlp.layout().blocks()) {
    norms.push_back(std::sqrt(
        squared_norm(std::span<const double>(gradient).subspan(block.offset, block.size()))));
  }
  return norms;
}

/// How ln of the first layer's norm changes with every layer that is added to the network.
double log_norm_per_layer(Activation activation, Initialization initialization) {
  std::vector<double> depth, log_norm;
  for (const std::size_t layers : {3, 5, 7, 9}) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      depth.push_back(static_cast<double>(layers));
      log_norm.push_back(std::log(layer_norms(layers, activation, initialization, seed).front()));
    }
  }
  return fit_line(depth, log_norm).slope;
}

TEST(SignalPropagation, HeKeepsItsSizeAndTheDefaultLosesARootOfSixALayer) {
  EXPECT_NEAR(log_norm_per_layer(Activation::relu, Initialization::he_normal), 0, 0.1);
  EXPECT_NEAR(log_norm_per_layer(Activation::relu, Initialization::torch), -0.5 * std::log(6), 0.1);
}

TEST(SignalPropagation, ReluLayersOfEqualWidthBeginWithAboutEqualGradientNorms) {
  for (const Initialization initialization : {Initialization::he_normal, Initialization::torch}) {
    const std::vector<double> norms = layer_norms(10, Activation::relu, initialization, 1);
    for (std::size_t layer = 1; layer + 1 < norms.size(); ++layer) {
      EXPECT_NEAR(std::log(norms[layer] / norms[0]), 0, std::log(2.0)) << layer;
    }
  }
}

TEST(SignalPropagation, ASigmoidLosesMoreThanAFactorOfTwoALayer) {
  // At most a quarter of the norm of W, which for the default is about 2 / sqrt 3.
  const std::vector<double> norms = layer_norms(8, Activation::sigmoid, Initialization::torch, 1);
  for (std::size_t layer = 1; layer + 2 < norms.size(); ++layer) {
    EXPECT_LT(norms[layer], 0.5 * norms[layer + 1]) << layer;
  }
}

TEST(GradientNorms, TheMeanOfStepNormsIsAtLeastTheNormOfTheMeanGradient) {
  const MlpConfig config{kWidth, {16}, kClasses, Activation::tanh, false};
  const SyntheticImages images(kSamples, kWidth, kClasses);
  ThreadTeam team(1);
  Mlp<double> mlp(config, images.view(), Batcher(kSamples, 8, 3, true), team);
  const std::vector<float> drawn = initial_parameters(config, Initialization::torch, 1, 2);
  const std::vector<double> parameters(drawn.begin(), drawn.end());
  std::vector<double> gradient(parameters.size()), mean(parameters.size()), losses(1);
  double mean_norm = 0;
  for (std::int64_t step = 0; step < 5; ++step) {  // one epoch at one point
    mlp.loss_and_gradient(parameters, Evaluation{step}, gradient, losses);
    mean_norm += std::sqrt(squared_norm(std::span<const double>(gradient))) / 5;
    add_scaled(0.2, std::span<const double>(gradient), std::span(mean));
  }
  const double norm_of_mean = std::sqrt(squared_norm(std::span<const double>(mean)));
  EXPECT_GT(mean_norm, 1.2 * norm_of_mean) << "the noise of batches averages out of one only";
}

}  // namespace
}  // namespace ravine
