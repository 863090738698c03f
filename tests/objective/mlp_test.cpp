#include "ravine/objective/mlp.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "support/bits.hpp"
#include "support/error_of.hpp"
#include "support/reference_mlp.hpp"
#include "support/small_mlp.hpp"
#include "support/synthetic_images.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::config_of;
using testing::error_of;
using testing::expect_all_near;
using testing::kClasses;
using testing::kInputs;
using testing::parameters_of;
using testing::ReferenceMlp;
using testing::same_bits;
using testing::SyntheticImages;

static_assert(Objective<Mlp<float>> && Objective<Mlp<double>>);

struct Evaluated {
  std::vector<double> gradient;
  double loss = 0;
};

template <class T>
Evaluated evaluate_step(Mlp<T>& mlp, std::span<const T> parameters, std::int64_t step) {
  std::vector<T> gradient(parameters.size());
  std::vector<double> losses(1);
  mlp.loss_and_gradient(parameters, Evaluation{step}, gradient, losses);
  return {{gradient.begin(), gradient.end()}, losses[0]};
}

/// Every step of an epoch, among them the smaller last batch, against the definition.
template <class T>
void expect_definition(const MlpConfig& config, const SyntheticImages& images, double relative,
                       std::size_t batch = 10) {
  const std::size_t count = images.labels.size();
  ThreadTeam team(2);
  Batcher batcher(count, batch, 99, true);
  Mlp<T> mlp(config, images.view(), batcher, team);
  const std::vector<T> parameters = parameters_of<T>(config);
  const std::vector<double> wide(parameters.begin(), parameters.end());
  const ReferenceMlp reference(config, wide, images.view());
  for (std::int64_t step = 0; step < 4; ++step) {
    SCOPED_TRACE(step);
    const Evaluated result = evaluate_step<T>(mlp, parameters, step);
    const std::span<const std::uint32_t> samples = batcher.batch(step);
    EXPECT_NEAR(result.loss, reference.mean_loss(samples), relative * result.loss);
    expect_all_near(result.gradient, reference.mean_gradient(samples), relative);
  }
}

TEST(Mlp, LossAndGradientAgreeWithTheDefinition) {
  for (const auto& [name, activation] : kActivations) {
    for (const bool bias : {false, true}) {
      for (const auto& hidden : std::vector<std::vector<std::size_t>>{{}, {1}, {33, 17, 8}}) {
        SCOPED_TRACE(::testing::Message() << name << (bias ? ", biases, " : ", ") << hidden.size());
        const SyntheticImages images(23, kInputs, kClasses);
        expect_definition<double>(config_of(hidden, activation, bias), images, 1e-12);
        expect_definition<float>(config_of(hidden, activation, bias), images, 2e-5);
      }
    }
  }
}

TEST(Mlp, GradientAgreesWithCentralDifferences) {
  const MlpConfig config = config_of({7, 6}, Activation::tanh, true);
  const SyntheticImages images(12, kInputs, kClasses);
  ThreadTeam team(1);
  Mlp<double> mlp(config, images.view(), Batcher(12, 12, 0, false), team);
  std::vector<double> parameters = parameters_of<double>(config);
  const std::vector<double> gradient = evaluate_step<double>(mlp, parameters, 0).gradient;
  constexpr double h = 1e-5;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const double middle = parameters[i];
    parameters[i] = middle + h;
    const double up = evaluate_step<double>(mlp, parameters, 0).loss;
    parameters[i] = middle - h;
    const double down = evaluate_step<double>(mlp, parameters, 0).loss;
    parameters[i] = middle;
    ASSERT_NEAR(gradient[i], (up - down) / (2 * h), 1e-9) << i;
  }
}

/// Of so many inputs that the first layer of large batches takes bytes, where the processor
/// multiplies them or where images have background.
MlpConfig config_of_bytes(Activation activation, bool bias) {
  MlpConfig config = config_of({33, 17}, activation, bias);
  config.inputs = 100;
  return config;
}

TEST(Mlp, LossAndGradientAgreeWithTheDefinitionOnBytesToo) {
  const SyntheticImages full(83, 100, kClasses);
  const SyntheticImages black = SyntheticImages(83, 100, kClasses).with_background(0);
  const SyntheticImages white = SyntheticImages(83, 100, kClasses).with_background(255);
  for (const bool bias : {false, true}) {
    for (const SyntheticImages& images : {full, black, white}) {
      expect_definition<float>(config_of_bytes(Activation::relu, bias), images, 2e-5, 40);
      expect_definition<float>(config_of_bytes(Activation::tanh, bias), images, 2e-5, 40);
    }
  }
}

TEST(Mlp, BatchGradientIsTheMeanOfSampleGradients) {
  const MlpConfig config = config_of({9, 13}, Activation::relu, true);
  const SyntheticImages images(14, kInputs, kClasses);
  ThreadTeam team(2);
  const std::vector<double> parameters = parameters_of<double>(config);
  Mlp<double> whole(config, images.view(), Batcher(14, 14, 0, false), team);
  Mlp<double> single(config, images.view(), Batcher(14, 1, 0, false), team);
  const Evaluated batch = evaluate_step<double>(whole, parameters, 0);
  Evaluated mean{std::vector<double>(parameters.size()), 0};
  for (std::int64_t step = 0; step < 14; ++step) {
    const Evaluated one = evaluate_step<double>(single, parameters, step);
    mean.loss += one.loss / 14;
    for (std::size_t i = 0; i < mean.gradient.size(); ++i) mean.gradient[i] += one.gradient[i] / 14;
  }
  EXPECT_NEAR(batch.loss, mean.loss, 1e-14);
  expect_all_near(batch.gradient, mean.gradient, 1e-13);
}

template <class T>
void expect_same_bits_for_any_threads(const MlpConfig& config, const SyntheticImages& images) {
  const std::vector<T> parameters = parameters_of<T>(config);
  ThreadTeam alone(1);
  Mlp<T> expected(config, images.view(), Batcher(77, 50, 3, true), alone);
  for (const int threads : {2, 3, 4, 8}) {
    ThreadTeam team(threads);
    Mlp<T> mlp(config, images.view(), Batcher(77, 50, 3, true), team);
    for (std::int64_t step = 0; step < 2; ++step) {
      const Evaluated a = evaluate_step<T>(expected, parameters, step);
      const Evaluated b = evaluate_step<T>(mlp, parameters, step);
      EXPECT_EQ(a.loss, b.loss) << threads;
      EXPECT_TRUE(same_bits(a.gradient, b.gradient)) << threads;
    }
    const MlpEvaluation x = expected.evaluate(parameters, images.view());
    const MlpEvaluation y = mlp.evaluate(parameters, images.view());
    EXPECT_EQ(x.loss, y.loss) << threads;
    EXPECT_EQ(x.accuracy, y.accuracy) << threads;
    EXPECT_EQ(x.inactive_share, y.inactive_share) << threads;
  }
}

TEST(Mlp, GivesTheSameBitsForAnyThreads) {
  const std::vector<std::size_t> hidden = {131, 37};
  const SyntheticImages small(77, kInputs, kClasses), full(77, 100, kClasses);
  const SyntheticImages sparse = SyntheticImages(77, 100, kClasses).with_background(0);
  expect_same_bits_for_any_threads<float>(config_of(hidden, Activation::relu, false), small);
  expect_same_bits_for_any_threads<float>(config_of(hidden, Activation::sigmoid, true), small);
  expect_same_bits_for_any_threads<float>(config_of(hidden, Activation::gelu, true), small);
  for (const SyntheticImages& images : {full, sparse}) {
    expect_same_bits_for_any_threads<float>(config_of_bytes(Activation::relu, false), images);
    expect_same_bits_for_any_threads<float>(config_of_bytes(Activation::gelu, true), images);
  }
  expect_same_bits_for_any_threads<double>(config_of(hidden, Activation::tanh, true), small);
}

TEST(Mlp, TheGradientDoesNotDependOnWhatWasEvaluatedBefore) {
  const MlpConfig config = config_of({16});
  const SyntheticImages images(30, kInputs, kClasses), other(40, kInputs, kClasses, 2);
  ThreadTeam team(2);
  const std::vector<float> parameters = parameters_of<float>(config);
  Mlp<float> fresh(config, images.view(), Batcher(30, 8, 3, true), team);
  Mlp<float> used(config, images.view(), Batcher(30, 8, 3, true), team);
  const Evaluated expected = evaluate_step<float>(fresh, parameters, 5);
  (void)evaluate_step<float>(used, std::vector<float>(parameters.size(), 1.0F), 9);
  (void)used.evaluate(std::vector<float>(parameters.size(), 2.0F), other.view());
  const Evaluated result = evaluate_step<float>(used, parameters, 5);
  EXPECT_EQ(result.loss, expected.loss);
  EXPECT_TRUE(same_bits(result.gradient, expected.gradient));
}

TEST(Mlp, AnEvaluationDoesNotDependOnTheOnesBefore) {
  const MlpConfig config = config_of_bytes(Activation::relu, false);
  const SyntheticImages images(77, 100, kClasses), few(10, 100, kClasses, 2),
      many(400, 100, kClasses, 3);
  ThreadTeam team(2);
  Mlp<float> mlp(config, images.view(), Batcher(77, 50, 3, true), team);
  const std::vector<float> parameters = parameters_of<float>(config);
  const double alone = mlp.evaluate(parameters, few.view()).loss;
  (void)mlp.evaluate(parameters, many.view());
  EXPECT_EQ(mlp.evaluate(parameters, few.view()).loss, alone);
}

TEST(Mlp, LastLayerGradientRowsSumToZero) {
  // Softmax minus label sums to zero over the classes, and so do its products with any output.
  const MlpConfig config = config_of({9}, Activation::sigmoid);
  const SyntheticImages images(14, kInputs, kClasses);
  ThreadTeam team(1);
  Mlp<double> mlp(config, images.view(), Batcher(14, 14, 0, false), team);
  const Evaluated result = evaluate_step<double>(mlp, parameters_of<double>(config), 0);
  const MatrixView<const double> g = mlp.layout().view(std::span(result.gradient), 1);
  for (std::size_t input = 0; input < g.cols; ++input) {
    double sum = 0;
    for (std::size_t c = 0; c < g.rows; ++c) sum += g(c, input);
    EXPECT_NEAR(sum, 0, 1e-15);
  }
}

/// Squared Frobenius norm of every block, and the inner products of blocks of two vectors.
std::vector<double> block_products(const ParameterLayout& layout, std::span<const double> x,
                                   std::span<const double> y) {
  std::vector<double> products;
  for (const ParameterBlock& block : layout.blocks()) {
    products.push_back(
        dot(x.subspan(block.offset, block.size()), y.subspan(block.offset, block.size())));
  }
  return products;
}

/// A network homogeneous in every weight matrix: <W_l, G_l> is the same for all layers, and a step
/// of gradient descent changes |W_{l+1}|^2 - |W_l|^2 by eta^2 (|G_{l+1}|^2 - |G_l|^2).
void expect_conserved_quantities(Activation activation) {
  const MlpConfig config = config_of({33, 17, 8}, activation);
  const SyntheticImages images(64, kInputs, kClasses);
  ThreadTeam team(2);
  Mlp<double> mlp(config, images.view(), Batcher(64, 64, 0, false), team);
  const ParameterLayout& layout = mlp.layout();
  std::vector<double> w = parameters_of<double>(config);
  constexpr double kEta = 0.1;
  for (int step = 0; step < 5; ++step) {
    const std::vector<double> g = evaluate_step<double>(mlp, w, 0).gradient;
    const std::vector<double> wg = block_products(layout, w, g);
    const std::vector<double> before = block_products(layout, w, w);
    const std::vector<double> gg = block_products(layout, g, g);
    add_scaled(-kEta, std::span<const double>(g), w);
    const std::vector<double> after = block_products(layout, w, w);
    ASSERT_GT(std::abs(wg[0]), 1e-5);
    for (std::size_t l = 0; l + 1 < wg.size(); ++l) {
      EXPECT_NEAR(wg[l + 1], wg[l], 1e-12);
      const double change = (after[l + 1] - after[l]) - (before[l + 1] - before[l]);
      EXPECT_NEAR(change, kEta * kEta * (gg[l + 1] - gg[l]), 1e-12);
    }
  }
}

TEST(Mlp, ReluWithoutBiasesKeepsItsConservedQuantities) {
  expect_conserved_quantities(Activation::relu);
}

TEST(Mlp, OtherHomogeneousActivationsKeepThemToo) {
  expect_conserved_quantities(Activation::leaky_relu);
  expect_conserved_quantities(Activation::identity);
}

TEST(Mlp, NaNInAnyLayerReachesTheLossAndEveryGradient) {
  // A diverged network must not look like one whose units are off.
  for (const auto& [name, activation] : kActivations) {
    const MlpConfig config = config_of({8, 8}, activation);
    const SyntheticImages images(6, kInputs, kClasses);
    ThreadTeam team(2);
    Mlp<float> mlp(config, images.view(), Batcher(6, 6, 0, false), team);
    for (const ParameterBlock& block : mlp.layout().blocks()) {
      std::vector<float> w = parameters_of<float>(config);
      std::fill_n(w.begin() + static_cast<std::ptrdiff_t>(block.offset), block.size(), NAN);
      const Evaluated result = evaluate_step<float>(mlp, w, 0);
      EXPECT_TRUE(std::isnan(result.loss)) << name << ", " << block.name;
      for (const double norm : block_products(mlp.layout(), result.gradient, result.gradient)) {
        EXPECT_TRUE(std::isnan(norm)) << name << ", " << block.name;
      }
    }
  }
}

/// The logits of the last of three images.
std::vector<double> last_logits(const MlpConfig& config, const LabelledPixels& images,
                                std::span<const double> parameters, ThreadTeam& team) {
  Mlp<double> mlp(config, images, Batcher(3, 1, 0, false), team);
  (void)evaluate_step<double>(mlp, parameters, 2);
  const std::span<const double> logits = mlp.trace(config.depth() - 1, 0).output.row(0);
  return {logits.begin(), logits.end()};
}

void expect_input_jacobian(const MlpConfig& config) {
  // One byte up or down is a step of 1e-5: images that are nearly constant, but steps that are
  // fine.
  constexpr double kStep = 1e-5;
  SyntheticImages images(3, kInputs, kClasses);
  for (std::uint8_t& pixel : images.pixels) pixel = static_cast<std::uint8_t>(1 + pixel % 254);
  const LabelledPixels view{images.pixels, images.labels, kInputs, kStep, 0.7};
  const std::vector<double> parameters = parameters_of<double>(config);
  ThreadTeam team(1);
  Mlp<double> mlp(config, view, Batcher(3, 3, 0, false), team);
  std::vector<double> storage(kClasses * kInputs);
  const MatrixView<double> jacobian(storage.data(), kClasses, kInputs);
  mlp.input_jacobian(parameters, view, 2, jacobian);
  for (std::size_t i = 0; i < kInputs; ++i) {
    std::uint8_t& pixel = images.pixels[2 * kInputs + i];
    pixel = static_cast<std::uint8_t>(pixel + 1);
    const std::vector<double> up = last_logits(config, view, parameters, team);
    pixel = static_cast<std::uint8_t>(pixel - 2);
    const std::vector<double> down = last_logits(config, view, parameters, team);
    pixel = static_cast<std::uint8_t>(pixel + 1);
    for (std::size_t c = 0; c < kClasses; ++c) {
      EXPECT_NEAR(jacobian(c, i), (up[c] - down[c]) / (2 * kStep), 1e-8) << c << ", " << i;
    }
  }
}

TEST(Mlp, InputJacobianAgreesWithCentralDifferencesOfTheLogits) {
  for (const Activation activation : {Activation::relu, Activation::gelu, Activation::tanh}) {
    SCOPED_TRACE(name_of(activation));
    expect_input_jacobian(config_of({}, activation, true));
    expect_input_jacobian(config_of({33, 17}, activation, true));
    MlpConfig skips = config_of({17, 17, 17}, activation, true);
    skips.residual = true;
    skips.normalisation = Normalisation::layer;
    expect_input_jacobian(skips);
  }
}

TEST(Mlp, InputJacobianRefusesWhatDoesNotFit) {
  const MlpConfig config = config_of({4});
  const SyntheticImages images(3, kInputs, kClasses);
  const std::vector<double> parameters = parameters_of<double>(config);
  ThreadTeam team(1);
  Mlp<double> mlp(config, images.view(), Batcher(3, 3, 0, false), team);
  std::vector<double> storage(kClasses * kInputs);
  EXPECT_EQ(error_of<ShapeError>([&] {
              mlp.input_jacobian(parameters, images.view(), 3,
                                 MatrixView<double>(storage.data(), kClasses, kInputs));
            }),
            "[input_jacobian] sample: expected one of images of 20 bytes, got number 3 of 3 images "
            "of 20 bytes");
  EXPECT_EQ(error_of<ShapeError>([&] {
              mlp.input_jacobian(parameters, images.view(), 0,
                                 MatrixView<double>(storage.data(), kClasses, kInputs - 1));
            }),
            "[input_jacobian] jacobian: expected 5 x 20, got 5 x 19");
}

TEST(Mlp, RefusesSetsThatDoNotFit) {
  const MlpConfig config = config_of({4});
  const SyntheticImages images(9, kInputs, kClasses), narrow(9, kInputs - 1, kClasses);
  SyntheticImages mislabelled(9, kInputs, kClasses);
  mislabelled.labels[8] = kClasses;
  ThreadTeam team(1);
  const auto error = [&](const LabelledPixels& set, std::size_t batcher_count) {
    return error_of<ShapeError>(
        [&] { Mlp<float>(config, set, Batcher(batcher_count, 3, 0, false), team); });
  };
  EXPECT_EQ(error(narrow.view(), 9),
            "[mlp] training set: expected 9 images of 20 bytes, got 9 of 19");
  EXPECT_EQ(error(images.view(), 8),
            "[mlp] training set: expected 8 images of 20 bytes, got 9 of 20");
  EXPECT_EQ(error(mislabelled.view(), 9), "[mlp] labels: expected below 5, got 5");
  LabelledPixels short_of_pixels = images.view();
  short_of_pixels.pixels = short_of_pixels.pixels.first(9 * kInputs - 1);
  EXPECT_EQ(error(short_of_pixels, 9), "[mlp] pixels: expected 180 bytes, got 179");
}

TEST(Mlp, RefusesAConfigurationItCannotBuild) {
  const SyntheticImages images(9, kInputs, kClasses);
  ThreadTeam team(1);
  EXPECT_EQ(error_of<ConfigError>([&] {
              Mlp<float>(config_of({4, 0}), images.view(), Batcher(9, 3, 0, false), team);
            }),
            "[mlp] width of hidden layer 2: expected 1 to 65536, got 0");
}

}  // namespace
}  // namespace ravine
