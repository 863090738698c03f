#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/small_objectives.hpp"
#include "ravine/base/error.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/mlp.hpp"
#include "ravine/probe/gradient_check.hpp"
#include "ravine/probe/taylor_test.hpp"
#include "support/bits.hpp"
#include "support/error_of.hpp"
#include "support/mlp_variants.hpp"
#include "support/synthetic_images.hpp"

namespace ravine {
namespace {

using testing::error_of;
using testing::every_activation;
using ::testing::HasSubstr;
using testing::mlp_variants;
using testing::normal_numbers;
using testing::same_bits;
using testing::SyntheticImages;

constexpr std::size_t kInputs = 9, kClasses = 4;

/// A network on 10 random images, its parameters in general position.
struct Network {
  explicit Network(const MlpConfig& network_config, int threads = 1, std::size_t batch = 10)
      : config(network_config),
        team(threads),
        mlp(config, images.view(), Batcher(10, batch, 1, false), team),
        point(normal_numbers(mlp.layout().size(), "layers")) {
    for (double& w : point) w *= 0.5;
  }

  std::vector<double> gradient(std::int64_t step = 0) {
    std::vector<double> g(point.size());
    std::vector<double> losses(1);
    mlp.loss_and_gradient(point, Evaluation{step}, g, losses);
    loss = losses[0];
    return g;
  }

  MlpConfig config;
  ThreadTeam team;
  SyntheticImages images{10, kInputs, kClasses};
  Mlp<double> mlp;
  std::vector<double> point;
  double loss = 0;
};

/// A hidden layer's bias ahead of a batch normalisation, which takes every constant away: its
/// gradient is rounding, with no size to compare with.
bool is_without_effect(const MlpConfig& config, const std::string& block) {
  return config.normalisation == Normalisation::batch && block.starts_with("layer") &&
         block.ends_with(".bias") && block != "layer4.bias";
}

class MlpLayers : public ::testing::TestWithParam<Activation> {
 protected:
  static std::vector<MlpConfig> variants() { return mlp_variants(kInputs, kClasses, GetParam()); }
};

TEST_P(MlpLayers, GradientsAgreeWithCentralDifferences) {
  for (const MlpConfig& config : variants()) {
    SCOPED_TRACE(::testing::PrintToString(config));
    Network network(config);
    const auto blocks =
        check_gradient(network.mlp, network.point, {.coordinates_per_block = 12, .step = 3});
    ASSERT_EQ(blocks.size(), network.mlp.layout().blocks().size());
    for (const BlockCheck& block : blocks) {
      if (is_without_effect(config, block.block)) {
        EXPECT_LT(block.worst_absolute.absolute, 1e-9) << block.block;
      } else {
        EXPECT_LT(block.worst_relative.relative, 1e-6) << block.block;
      }
    }
  }
}

TEST_P(MlpLayers, TaylorRemaindersFallAsTheSquareOfTheDistance) {
  for (const MlpConfig& config : variants()) {
    SCOPED_TRACE(::testing::PrintToString(config));
    Network network(config);
    const TaylorTest test =
        taylor_test(network.mlp, network.point, {.first_step = 1e-3, .step = 3}).front();
    EXPECT_NEAR(test.order, 2, 0.1);
  }
}

INSTANTIATE_TEST_SUITE_P(AllActivations, MlpLayers, ::testing::ValuesIn(every_activation()),
                         [](const auto& tested) {
                           std::string name(name_of(tested.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

template <class T>
void expect_same_bits_for_any_threads(const MlpConfig& config) {
  const SyntheticImages images(77, kInputs, kClasses);
  const auto run = [&](int threads) {
    ThreadTeam team(threads);
    Mlp<T> mlp(config, images.view(), Batcher(77, 30, 3, true), team);
    const std::vector<double> numbers = normal_numbers(mlp.layout().size(), "bits");
    const std::vector<T> parameters(numbers.begin(), numbers.end());
    std::vector<T> all, gradient(parameters.size());
    std::vector<double> losses(1);
    for (std::int64_t step = 0; step < 3; ++step) {
      mlp.loss_and_gradient(parameters, Evaluation{step}, gradient, losses);
      mlp.absorb_batch_statistics();
      all.insert(all.end(), gradient.begin(), gradient.end());
    }
    const std::span<const T> running = mlp.running_statistics();
    all.insert(all.end(), running.begin(), running.end());
    all.push_back(static_cast<T>(mlp.evaluate(parameters, images.view()).loss));
    return all;
  };
  const std::vector<T> alone = run(1);
  for (const int threads : {2, 3, 8}) EXPECT_TRUE(same_bits(run(threads), alone)) << threads;
}

TEST(MlpLayers, GiveTheSameBitsForAnyThreads) {
  for (MlpConfig config : mlp_variants(kInputs, kClasses, Activation::silu)) {
    SCOPED_TRACE(::testing::PrintToString(config));
    config.hidden = {37, 37, 37};
    expect_same_bits_for_any_threads<float>(config);
    if (config.bias) expect_same_bits_for_any_threads<double>(config);
  }
}

TEST(MlpLayers, RepeatTheMaskOfAStepAndChangeItWithStepAndSeed) {
  MlpConfig config = mlp_variants(kInputs, kClasses, Activation::tanh).front();
  config.dropout = {0.5, 5};
  Network network(config, 2, 5);
  const std::vector<double> first = network.gradient(4);
  (void)network.gradient(7);
  EXPECT_TRUE(same_bits(network.gradient(4), first));
  EXPECT_FALSE(same_bits(network.gradient(6), first)) << "the same samples, another mask";
  config.dropout.seed = 6;
  EXPECT_FALSE(same_bits(Network(config, 2, 5).gradient(4), first));
}

TEST(MlpLayers, ScalingTheWeightsBeforeABatchNormalisationChangesNothing) {
  MlpConfig config = mlp_variants(kInputs, kClasses, Activation::tanh).front();
  config.normalisation = Normalisation::batch;
  Network network(config);
  // So large that epsilon does not count beside the variance.
  const ParameterBlock& w = network.mlp.layout().blocks()[0];
  for (std::size_t i = 0; i < w.size(); ++i) network.point[i] *= 1e4;
  const std::vector<double> g = network.gradient();
  const double loss = network.loss;
  const std::span<const double> gradient(g), weights(network.point);
  const double size =
      std::sqrt(squared_norm(gradient.first(w.size())) * squared_norm(weights.first(w.size())));
  EXPECT_NEAR(dot(weights.first(w.size()), gradient.first(w.size())), 0, 1e-7 * size);
  for (std::size_t i = 0; i < w.size(); ++i) network.point[i] *= 2;
  const std::vector<double> half = network.gradient();
  EXPECT_NEAR(network.loss, loss, 1e-9);
  for (std::size_t i = 0; i < w.size(); ++i)
    EXPECT_NEAR(half[i], g[i] / 2, 1e-7 * std::abs(g[i]) + 1e-13);
}

TEST(MlpLayers, ASkipPassesTheGradientOfDeadLayers) {
  MlpConfig config = mlp_variants(kInputs, kClasses, Activation::relu).front();
  const auto first_layer_norm = [&](bool residual) {
    config.residual = residual;
    Network network(config);
    for (const std::size_t block : {1, 2}) {
      const ParameterBlock& w = network.mlp.layout().blocks()[block];
      std::fill_n(network.point.begin() + static_cast<std::ptrdiff_t>(w.offset), w.size(), 0.0);
    }
    return squared_norm(std::span<const double>(network.gradient()).first(kInputs * 6));
  };
  EXPECT_EQ(first_layer_norm(false), 0);
  EXPECT_GT(first_layer_norm(true), 1e-6);
}

TEST(MlpLayers, EvaluateWithoutDropoutAndByRunningStatistics) {
  MlpConfig config = mlp_variants(kInputs, kClasses, Activation::tanh).front();
  Network plain(config);
  config.dropout.rate = 0.5;
  Network dropping(config);
  (void)plain.gradient();
  (void)dropping.gradient();
  EXPECT_NE(plain.loss, dropping.loss);
  EXPECT_EQ(plain.mlp.evaluate(plain.point, plain.images.view()).loss,
            dropping.mlp.evaluate(plain.point, plain.images.view()).loss);

  config.dropout.rate = 0;
  config.normalisation = Normalisation::batch;
  Network normalised(config);
  (void)normalised.gradient();
  const auto evaluated = [&] {
    return normalised.mlp.evaluate(normalised.point, normalised.images.view()).loss;
  };
  const double before = evaluated();
  EXPECT_NE(before, normalised.loss);
  for (int i = 0; i < 400; ++i) normalised.mlp.absorb_batch_statistics();
  // The running variance is that of B - 1, the other that of B.
  const double close = std::abs(evaluated() - normalised.loss);
  EXPECT_LT(close, 0.1 * std::abs(before - normalised.loss));
  std::vector<float> running(normalised.mlp.running_statistics().begin(),
                             normalised.mlp.running_statistics().end());
  for (std::size_t l = 0; l < 3; ++l) {
    for (std::size_t u = 0; u < 6; ++u) running[12 * l + 6 + u] *= 0.9F;
  }
  normalised.mlp.set_running_statistics(running);
  EXPECT_NEAR(evaluated(), normalised.loss, 1e-6);
  EXPECT_EQ(error_of<ShapeError>([&] { normalised.mlp.set_running_statistics({}); }),
            "[mlp] running statistics: expected 36 numbers, got 0");
}

TEST(MlpLayers, ScaledToADeviationHaveItInEveryLayer) {
  // Computed from the weights: without activations the outputs are products of matrices.
  for (const bool deep : {false, true}) {
    MlpConfig config{kInputs, {}, kClasses, Activation::identity, false, Loss::mse};
    if (deep) config.hidden = {6};
    Network network(config);
    network.mlp.scale_to_deviation(network.point, 1.5);
    std::vector<double> z;
    for (std::size_t b = 0; b < 10; ++b) {
      std::vector<double> x;
      for (const std::uint8_t pixel : network.images.view().image(b)) {
        x.push_back(2.0 / 255 * pixel - 0.5);
      }
      for (std::size_t l = 0; l < config.depth(); ++l) {
        const MatrixView<const double> w =
            network.mlp.layout().view(std::span<const double>(network.point), l);
        std::vector<double> y;
        for (std::size_t o = 0; o < w.rows; ++o)
          y.push_back(dot(w.row(o), std::span<const double>(x)));
        x = y;
      }
      z.insert(z.end(), x.begin(), x.end());
    }
    double mean = 0, square = 0;
    for (const double value : z) mean += value / static_cast<double>(z.size());
    for (const double value : z)
      square += (value - mean) * (value - mean) / static_cast<double>(z.size());
    EXPECT_NEAR(std::sqrt(square), 1.5, 1e-12);
  }
}

TEST(MlpLayers, RefuseBatchesOfOneSampleForBatchNormalisation) {
  MlpConfig config = mlp_variants(kInputs, kClasses, Activation::tanh).front();
  config.normalisation = Normalisation::batch;
  EXPECT_THAT(error_of<ConfigError>([&] { Network(config, 1, 1); }),
              HasSubstr("batch normalisation: expected mini-batches of at least 2 samples, got one "
                        "of 1 (10 samples by 1)"));
  EXPECT_THAT(error_of<ConfigError>([&] { Network(config, 1, 3); }),
              HasSubstr("(10 samples by 3)"));
  EXPECT_NO_THROW(Network(config, 1, 4));
  config.normalisation = Normalisation::layer;
  EXPECT_NO_THROW(Network(config, 1, 1));
}

TEST(Dropout, KeepsTheMeanAndDropsItsShare) {
  const RandomStream stream(3, "layer");
  std::vector<double> factors(100'000), later(10);
  dropout_factors<double>(stream, 0.3, 0, factors);
  EXPECT_EQ(std::set<double>(factors.begin(), factors.end()), (std::set<double>{0, 1 / 0.7}));
  const auto dropped = static_cast<double>(std::ranges::count(factors, 0.0));
  EXPECT_NEAR(dropped / 1e5, 0.3, 5 * std::sqrt(0.3 * 0.7 / 1e5));
  dropout_factors<double>(stream, 0.3, 777, later);
  EXPECT_TRUE(std::equal(later.begin(), later.end(), factors.begin() + 777));
}

}  // namespace
}  // namespace ravine
