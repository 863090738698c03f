#include "ravine/probe/mean_field.hpp"

#include <cmath>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/objective/mlp.hpp"
#include "ravine/probe/batch_statistics.hpp"
#include "support/synthetic_images.hpp"

namespace ravine {
namespace {

TEST(MeanField, OfReluAndTheIdentityIsKnownInClosedForm) {
  const MeanField relu{Activation::relu, 2, 0.1}, identity{Activation::identity, 0.7, 0.2};
  for (const double q : {1e-6, 1.0, 50.0}) {
    EXPECT_NEAR(relu.next_variance(q), q + 0.1, 1e-11 * (q + 0.1));
    EXPECT_NEAR(relu.gradient_growth(q), 1, 1e-12);
    EXPECT_NEAR(identity.next_variance(q), 0.7 * q + 0.2, 1e-11 * (q + 0.2));
    EXPECT_NEAR(identity.gradient_growth(q), 0.7, 1e-12);
  }
  EXPECT_NEAR(identity.fixed_variance(), 0.2 / 0.3, 1e-12);
}

TEST(MeanField, SeesTheKinkOfLeakyReluWhereItIs) {
  const MeanField leaky{Activation::leaky_relu, 1, 0};
  const double mean = (1 + kLeakySlope * kLeakySlope) / 2;
  EXPECT_NEAR(leaky.next_variance(3), 3 * mean, 1e-12);
  EXPECT_NEAR(leaky.gradient_growth(3), mean, 1e-12);
}

TEST(MeanField, OfSeluHasTheFixedPointItWasMadeFor) {
  // sigma_w^2 = 1 keeps variance 1 (Klambauer et al. 2017, equation 5); its mean stays 0.
  const MeanField selu{Activation::selu, 1, 0};
  EXPECT_NEAR(selu.next_variance(1), 1, 1e-10);
  EXPECT_NEAR(selu.fixed_variance(), 1, 1e-10);
}

TEST(MeanField, OfTanhTurnsFromOrderToChaosWhereTheWeightsVarianceIsOne) {
  // Poole et al. 2016, figure 1: without biases 0 is the stable fixed point up to sigma_w^2 = 1.
  const MeanField ordered{Activation::tanh, 0.9, 0}, chaotic{Activation::tanh, 1.5, 0};
  EXPECT_LT(ordered.fixed_variance(), 1e-12);
  EXPECT_NEAR(ordered.gradient_growth(0), 0.9, 1e-12);
  const double q = chaotic.fixed_variance();
  EXPECT_NEAR(chaotic.next_variance(q), q, 1e-12);
  EXPECT_GT(q, 0.1);
  EXPECT_GT(chaotic.gradient_growth(q), 1);
}

TEST(MeanField, OfAnExplodingNetworkHasNoFiniteFixedPoint) {
  EXPECT_TRUE(std::isinf((MeanField{Activation::relu, 4, 0}).fixed_variance()));
}

TEST(MeanField, VarianceOfEntriesIsThatOfDrawnWeights) {
  constexpr std::size_t kIn = 300, kOut = 120;
  std::vector<float> weights(kIn * kOut);
  for (const auto& [name, initialization] : kInitializations) {
    const auto expected = entry_variance(initialization, kIn, kOut);
    if (initialization == Initialization::lsuv) {
      EXPECT_FALSE(expected);
      continue;
    }
    draw_weights(initialization, 1, RandomStream(7, name), kIn, kOut, weights);
    double sum = 0;
    for (const float weight : weights) sum += double{weight} * weight;
    const double measured = sum / static_cast<double>(weights.size());
    EXPECT_NEAR(measured, *expected, 0.03 * *expected) << name;
  }
}

TEST(MeanField, SignalCoversPlainNetworksOnly) {
  MlpConfig config;
  EXPECT_EQ(mean_field_signal(config, Initialization::he_normal, 1)->backward.size(), 4U);
  EXPECT_FALSE(mean_field_signal(config, Initialization::lsuv, 1));
  config.residual = true;
  EXPECT_FALSE(mean_field_signal(config, Initialization::he_normal, 1));
}

TEST(MeanField, SignalOfReluNetworksIsAProductOfHalvedVariances) {
  const MlpConfig config{784, std::vector<std::size_t>(9, 64), 10};
  const auto he = mean_field_signal(config, Initialization::he_normal, 1);
  const auto torch = mean_field_signal(config, Initialization::torch, 1);
  for (std::size_t layer = 0; layer < config.depth(); ++layer) {
    const auto below_last = static_cast<double>(config.hidden.size() - layer);
    const auto above_first = static_cast<double>(layer);
    const double inputs = std::sqrt(static_cast<double>(config.fan_in(layer)));
    EXPECT_NEAR(he->backward[layer], 1, 1e-10);
    EXPECT_NEAR(torch->backward[layer], std::pow(6, -below_last / 2), 1e-10);
    EXPECT_NEAR(he->forward[layer], inputs, 1e-10 * inputs);
    EXPECT_NEAR(torch->forward[layer], inputs * std::pow(6, -above_first / 2), 1e-10 * inputs);
  }
}

TEST(MeanField, SignalAndGradientNormsAreMetByAWideNetwork) {
  constexpr std::size_t kSamples = 32, kWidth = 256;
  const double root3 = std::sqrt(3.0);  // numbers uniform in +-root3 have mean square 1
  const testing::SyntheticImages images(kSamples, kWidth, 10);
  const LabelledPixels inputs{images.pixels, images.labels, kWidth, 2 * root3 / 255, -root3};
  for (const auto& [activation, initialization, gain] :
       {std::tuple(Activation::tanh, Initialization::xavier_uniform, 1.0),
        std::tuple(Activation::tanh, Initialization::orthogonal, 2.0),
        std::tuple(Activation::gelu, Initialization::he_normal, 1.0),
        std::tuple(Activation::sigmoid, Initialization::torch, 1.0)}) {
    const MlpConfig config{kWidth, std::vector<std::size_t>(6, kWidth), 10, activation,
                           activation == Activation::sigmoid};
    ThreadTeam team(2);
    Mlp<float> mlp(config, inputs, Batcher(kSamples, kSamples, 0, false), team);
    BatchStatistics<float> statistics(mlp, {.signal = true, .samples = true}, team);
    const std::vector<float> parameters = initial_parameters(config, initialization, gain, 3);
    std::vector<float> gradient(parameters.size());
    std::vector<double> losses(1);
    mlp.loss_and_gradient(parameters, Evaluation{0}, gradient, losses);
    const std::vector<double> batch_squares(config.depth());
    team.run([&](int member) { statistics.measure(batch_squares, member); });
    const MeanFieldSignal expected = *mean_field_signal(config, initialization, gain);
    const double last_signal = statistics.layers().back().signal_rms;
    for (std::size_t layer = 0; layer < config.depth(); ++layer) {
      const LayerStatistics& measured = statistics.layers()[layer];
      const double signal = expected.backward[layer] * last_signal;
      const double median_norm = measured.samples.norms[2];
      EXPECT_NEAR(std::log(measured.signal_rms / signal), 0, 0.25)
          << name_of(activation) << " layer " << layer + 1;
      EXPECT_NEAR(std::log(median_norm / (signal * expected.forward[layer])), 0, 0.25)
          << name_of(activation) << " layer " << layer + 1;
    }
  }
}

}  // namespace
}  // namespace ravine
