#include "ravine/probe/batch_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/kernels/vector_ops.hpp"
#include "support/bits.hpp"
#include "support/reference_mlp.hpp"
#include "support/synthetic_images.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::ReferenceMlp;
using testing::SyntheticImages;

constexpr std::size_t kInputs = 20, kClasses = 5;
constexpr BatchProbes kAll = {true, true, true};

MlpConfig config_of(std::vector<std::size_t> hidden, Activation activation, bool bias) {
  return {kInputs, std::move(hidden), kClasses, activation, bias};
}

template <class T>
std::vector<T> parameters_of(const MlpConfig& config) {
  const std::vector<float> drawn = initial_parameters(config, Initialization::torch, 1.5, 7);
  return {drawn.begin(), drawn.end()};
}

struct Measured {
  std::vector<LayerStatistics> layers;
  SampleGradients whole;
};

/// Evaluates one step and measures its batch.
template <class T>
Measured measure(const MlpConfig& config, const LabelledPixels& images, const Batcher& batcher,
                 std::span<const T> parameters, std::int64_t step, int threads,
                 BatchProbes probes = kAll) {
  ThreadTeam team(threads);
  Mlp<T> mlp(config, images, batcher, team);
  BatchStatistics<T> statistics(mlp, probes, team);
  std::vector<T> gradient(parameters.size());
  std::vector<double> losses(1);
  mlp.loss_and_gradient(parameters, Evaluation{step}, gradient, losses);
  std::vector<double> squares;
  for (const ParameterBlock& block : mlp.layout().blocks()) {
    if (block.name.starts_with("norm")) continue;
    const double square =
        squared_norm(std::span<const T>(gradient).subspan(block.offset, block.size()));
    if (block.name.ends_with("bias")) {
      squares.back() += square;
    } else {
      squares.push_back(square);
    }
  }
  team.run([&](int member) { statistics.measure(squares, member); });
  return {{statistics.layers().begin(), statistics.layers().end()}, statistics.whole()};
}

/// Squared norms of one sample's gradient by plain backpropagation of that sample alone: of each
/// layer's weights with its bias.
std::vector<double> layer_squares(const MlpConfig& config, std::span<const double> gradient) {
  const ParameterLayout layout = mlp_layout(config);
  std::vector<double> squares;
  for (const ParameterBlock& block : layout.blocks()) {
    if (block.name.starts_with("norm")) continue;
    const double square = squared_norm(gradient.subspan(block.offset, block.size()));
    block.name.ends_with("bias") ? squares.back() += square : squares.emplace_back(square);
  }
  return squares;
}

void expect_same(const SampleGradients& found, std::vector<double> squares, double batch_square,
                 double relative) {
  const SampleGradients expected = sample_gradients(squares, batch_square);
  for (std::size_t q = 0; q < found.norms.size(); ++q) {
    EXPECT_NEAR(found.norms[q], expected.norms[q], relative * expected.norms[4]);
  }
  EXPECT_NEAR(found.variance, expected.variance, relative * expected.variance);
  EXPECT_NEAR(found.true_square, expected.true_square, relative * expected.variance);
}

TEST(BatchStatistics, FindsSampleGradientsThroughNormalisationAndSkips) {
  MlpConfig config = config_of({8, 8, 8}, Activation::tanh, true);
  config.normalisation = Normalisation::layer;
  config.residual = true;
  const SyntheticImages images(10, kInputs, kClasses);
  const std::vector<double> parameters = parameters_of<double>(config);
  const Measured found =
      measure<double>(config, images.view(), Batcher(10, 10, 0, false), parameters, 0, 2);
  ThreadTeam alone(1);
  Mlp<double> one_by_one(config, images.view(), Batcher(10, 1, 0, false), alone);
  std::vector<double> gradient(parameters.size()), mean(parameters.size()), losses(1);
  std::vector<std::vector<double>> squares(config.depth());
  for (std::int64_t sample = 0; sample < 10; ++sample) {
    one_by_one.loss_and_gradient(parameters, Evaluation{sample}, gradient, losses);
    add_scaled(0.1, std::span<const double>(gradient), std::span(mean));
    const std::vector<double> own = layer_squares(config, gradient);
    for (std::size_t l = 0; l < own.size(); ++l) squares[l].push_back(own[l]);
  }
  const std::vector<double> of_mean = layer_squares(config, mean);
  for (std::size_t l = 0; l < config.depth(); ++l) {
    SCOPED_TRACE(l);
    expect_same(found.layers[l].samples, squares[l], of_mean[l], 1e-11);
  }
}

template <class T>
void expect_one_by_one(const MlpConfig& config, double relative) {
  const SyntheticImages images(23, kInputs, kClasses);
  Batcher batcher(23, 10, 99, true);
  const std::vector<T> parameters = parameters_of<T>(config);
  const std::vector<double> wide(parameters.begin(), parameters.end());
  const ReferenceMlp reference(config, wide, images.view());
  for (const std::int64_t step : {0, 2}) {  // a whole batch, and the smaller last one
    const Measured found = measure<T>(config, images.view(), batcher, parameters, step, 2);
    const std::span<const std::uint32_t> samples = batcher.batch(step);
    const std::vector<double> mean = layer_squares(config, reference.mean_gradient(samples));
    std::vector<std::vector<double>> squares(config.depth());
    std::vector<double> whole;
    for (const std::uint32_t sample : samples) {
      const std::vector<double> own = layer_squares(config, reference.gradient(sample));
      for (std::size_t l = 0; l < own.size(); ++l) squares[l].push_back(own[l]);
      whole.push_back(std::accumulate(own.begin(), own.end(), 0.0));
    }
    for (std::size_t l = 0; l < config.depth(); ++l) {
      SCOPED_TRACE(l);
      expect_same(found.layers[l].samples, squares[l], mean[l], relative);
    }
    expect_same(found.whole, whole, std::accumulate(mean.begin(), mean.end(), 0.0), relative);
  }
}

TEST(BatchStatistics, SampleGradientsAgreeWithBackpropagationOneByOne) {
  for (const Activation activation : {Activation::relu, Activation::tanh, Activation::gelu}) {
    for (const bool bias : {false, true}) {
      for (const auto& hidden : std::vector<std::vector<std::size_t>>{{}, {1}, {33, 17, 8}}) {
        SCOPED_TRACE(::testing::Message()
                     << name_of(activation) << (bias ? ", biases, " : ", ") << hidden.size());
        expect_one_by_one<double>(config_of(hidden, activation, bias), 1e-11);
        expect_one_by_one<float>(config_of(hidden, activation, bias), 1e-4);
      }
    }
  }
}

TEST(BatchStatistics, SignalIsTheGradientOfThePreActivations) {
  // With biases their gradient on one sample is delta_b, so its norms are the signal.
  const MlpConfig config = config_of({33, 17, 8}, Activation::tanh, true);
  const SyntheticImages images(12, kInputs, kClasses);
  Batcher batcher(12, 12, 0, false);
  const std::vector<double> parameters = parameters_of<double>(config);
  const ReferenceMlp reference(config, parameters, images.view());
  const Measured found = measure<double>(config, images.view(), batcher, parameters, 0, 2);
  const ParameterLayout layout = mlp_layout(config);
  for (std::size_t l = 0; l < config.depth(); ++l) {
    const ParameterBlock& bias = layout.blocks()[2 * l + 1];
    double sum = 0;
    for (std::size_t b = 0; b < 12; ++b) {
      const std::vector<double> gradient = reference.gradient(b);
      sum += squared_norm(std::span<const double>(gradient).subspan(bias.offset, bias.size()));
    }
    const double rms = std::sqrt(sum / 12);
    EXPECT_NEAR(found.layers[l].signal_rms, rms, 1e-12 * rms) << l;
  }
}

TEST(BatchStatistics, ActivationsAreThoseOfTheReference) {
  const SyntheticImages images(15, kInputs, kClasses);
  Batcher batcher(15, 15, 0, false);
  for (const Activation activation : {Activation::relu, Activation::sigmoid, Activation::silu}) {
    const MlpConfig config = config_of({33, 8}, activation, true);
    const std::vector<double> parameters = parameters_of<double>(config);
    const ReferenceMlp reference(config, parameters, images.view());
    const Measured found = measure<double>(config, images.view(), batcher, parameters, 0, 2);
    for (std::size_t l = 0; l < 2; ++l) {
      double sum = 0, square = 0;
      const double entries = 15.0 * static_cast<double>(config.hidden[l]);
      for (std::size_t b = 0; b < 15; ++b) {
        const std::vector<std::vector<double>> outputs = reference.outputs(b);
        for (const double a : outputs[l]) {
          sum += a / entries;
          square += a * a / entries;
        }
      }
      EXPECT_NEAR(found.layers[l].activations.mean, sum, 1e-13) << name_of(activation);
      EXPECT_NEAR(found.layers[l].activations.deviation, std::sqrt(square - sum * sum), 1e-13);
    }
    EXPECT_TRUE(std::isnan(found.layers[2].activations.mean)) << "the last layer has none";
  }
}

/// A network of one hidden layer of 4 units that look at the first pixel only, with these weights
/// and biases, on two images with that pixel 0 and 1.
ActivationStatistics crafted(Activation activation, std::vector<double> weights,
                             std::vector<double> biases) {
  const MlpConfig config{1, {4}, 2, activation, true};
  std::vector<double> parameters = std::move(weights);
  parameters.insert(parameters.end(), biases.begin(), biases.end());
  parameters.resize(mlp_layout(config).size(), 0.1);
  const std::vector<std::uint8_t> pixels = {0, 255}, labels = {0, 1};
  const LabelledPixels images{pixels, labels, 1, 1 / 255.0, 0};
  return measure<double>(config, images, Batcher(2, 2, 0, false), parameters, 0, 2)
      .layers[0]
      .activations;
}

TEST(BatchStatistics, CountsSaturatedAndDeadUnitsOfCraftedNetworks) {
  // Off on both images; off on the first only; off at exactly 0 and then on; never off.
  const ActivationStatistics relu = crafted(Activation::relu, {-1, 3, 1, 1}, {-1, -1, 0, 1});
  EXPECT_EQ(relu.saturated_share, 4.0 / 8);
  EXPECT_EQ(relu.dead_share, 1.0 / 4);
  EXPECT_NEAR(relu.mean, (2 + 1 + 1 + 2) / 8.0, 1e-6);
  // Saturated at opposite ends on the two images, which is dead too; on one; on none; at 0.97.
  const ActivationStatistics tanh = crafted(Activation::tanh, {20, 9, 0.5, 0}, {-10, 0, 0, 2.09});
  EXPECT_EQ(tanh.saturated_share, 3.0 / 8);
  EXPECT_EQ(tanh.dead_share, 1.0 / 4);
  const ActivationStatistics sigmoid = crafted(Activation::sigmoid, {0, 0, 0, 0}, {5, -5, 4, -4});
  EXPECT_EQ(sigmoid.saturated_share, 0.5);
  EXPECT_EQ(sigmoid.dead_share, 0.5);
  const ActivationStatistics linear = crafted(Activation::identity, {0, 0, 0, 0}, {5, -5, 0, 0});
  EXPECT_EQ(linear.saturated_share, 0);
}

std::vector<double> numbers_of(const Measured& measured) {
  std::vector<double> numbers(measured.whole.norms.begin(), measured.whole.norms.end());
  for (const LayerStatistics& layer : measured.layers) {
    numbers.insert(numbers.end(), {layer.signal_rms, layer.samples.variance,
                                   layer.samples.true_square, layer.samples.norms[2]});
    if (&layer == &measured.layers.back()) break;
    numbers.insert(numbers.end(),
                   {layer.activations.mean, layer.activations.deviation,
                    layer.activations.saturated_share, layer.activations.dead_share});
  }
  return numbers;
}

TEST(BatchStatistics, GiveTheSameBitsForAnyThreads) {
  const MlpConfig config = config_of({131, 37}, Activation::relu, true);
  const SyntheticImages images(77, kInputs, kClasses);
  Batcher batcher(77, 50, 3, true);
  const std::vector<float> parameters = parameters_of<float>(config);
  for (const std::int64_t step : {0, 1}) {
    const auto numbers = [&](int threads) {
      return numbers_of(measure<float>(config, images.view(), batcher, parameters, step, threads));
    };
    const std::vector<double> alone = numbers(1);
    EXPECT_TRUE(std::ranges::all_of(alone, [](double x) { return std::isfinite(x); }));
    for (const int threads : {2, 3, 8}) {
      EXPECT_TRUE(testing::same_bits(numbers(threads), alone)) << threads;
    }
  }
}

TEST(BatchStatistics, MeasureOnlyWhatIsAskedFor) {
  const MlpConfig config = config_of({9, 7}, Activation::relu, false);
  const SyntheticImages images(12, kInputs, kClasses);
  const std::vector<float> parameters = parameters_of<float>(config);
  const auto first = [&](BatchProbes probes) {
    return measure<float>(config, images.view(), Batcher(12, 12, 0, false), parameters, 0, 2,
                          probes)
        .layers[1];
  };
  const LayerStatistics all = first(kAll);
  const LayerStatistics signal = first({.signal = true});
  const LayerStatistics activations = first({.activations = true});
  const LayerStatistics samples = first({.samples = true});
  EXPECT_EQ(signal.signal_rms, all.signal_rms);
  EXPECT_EQ(activations.activations.deviation, all.activations.deviation);
  EXPECT_NEAR(samples.samples.norms[2], all.samples.norms[2], 1e-14);
  for (const double unasked :
       {signal.activations.mean, signal.samples.variance, activations.signal_rms,
        activations.samples.variance, samples.signal_rms, samples.activations.mean}) {
    EXPECT_TRUE(std::isnan(unasked));
  }
}

}  // namespace
}  // namespace ravine
