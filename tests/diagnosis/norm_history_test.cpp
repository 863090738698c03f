#include "ravine/diagnosis/norm_history.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

LayerHistory history_of(const std::vector<double>& norms) {
  LayerHistory history("layer1");
  for (const double norm : norms) history.add(norm);
  return history;
}

TEST(LayerHistory, CountsZerosAndNormsThatAreNotFinite) {
  const LayerHistory history = history_of({0, 1, NAN, INFINITY, 10, 0, 0});
  EXPECT_EQ(history.steps(), 7);
  EXPECT_EQ(history.zeros(), 3);
  EXPECT_EQ(history.zeros_at_end(), 2);
  EXPECT_EQ(history.non_finite().count(), 2);
  EXPECT_EQ(history.log10_norms().median(), 0.5);
}

TEST(LayerHistory, CountsSpikesOverTheRunningLevelOnly) {
  std::vector<double> norms(30, 1.0);
  norms[3] = 1000;  // too early to know a level
  EXPECT_EQ(history_of(norms).spikes(), 0);
  norms[20] = 50;
  norms[25] = 50;
  EXPECT_EQ(history_of(norms).spikes(), 2);
  std::vector<double> rising;
  for (int i = 0; i < 100; ++i) rising.push_back(std::pow(10, 0.05 * i));
  EXPECT_EQ(history_of(rising).spikes(), 0) << "a steady rise is a trend";
}

TEST(LayerHistory, EstimatesTheNoiseOfALevelSeries) {
  LayerHistory history("layer1");
  for (const double z : testing::normals(20'000, "noise")) history.add(std::pow(10, 0.2 * z));
  EXPECT_NEAR(history.noise(), 0.2, 0.004);
  EXPECT_TRUE(std::isnan(history_of({1}).noise()));
}

TEST(NormHistory, SumsWhatPlainDescentCanTakeOffTheLoss) {
  NormHistory history;
  history.assume({.plain_descent = true});
  history.add_rate(0.1, std::vector<double>{3, 4});
  history.add_rate(0.1, std::vector<double>{NAN, 4});
  EXPECT_DOUBLE_EQ(history.expected_decrease, 2.5);
}

TEST(NamesNoLayer, KnowsTheWaysOfTheFrameworks) {
  for (const char* bias :
       {"layers.0.bias", "model/dense_1/bias:0", "layer1.bias", "norm1.weight",
        "block.2.bn1.weight", "model/batch_normalization/gamma:0", "encoder.layer_norm.weight",
        "encoder.0.LayerNorm.weight", "h.3.ln_1.weight", "block.RMSNorm.weight", "fc.Bias",
        "layer2.0.downsample.1.weight", "layer1.0.shortcut.1.weight"}) {
    EXPECT_TRUE(names_no_layer(bias)) << bias;
  }
  for (const char* other :
       {"layers.0.weight", "bias", "model/dense_1/kernel:0", "unbias", "a.biased",
        "gradient_norm/layer1", "grad_norm/layers.0.weight", "norm", "layer2.0.downsample.0.weight",
        "layer1.0.shortcut.0.weight", "downsample.10.weight", "layer4.1.conv1.weight"}) {
    EXPECT_FALSE(names_no_layer(other)) << other;
  }
}

TEST(NormHistory, GoesOnFromItsSavedState) {
  const testing::TemporaryFolder folder;
  const auto begun = [] {
    NormHistory history;
    history.layers = {LayerHistory("layer1"), LayerHistory("layer2")};
    history.expected_decrease = 0;
    return history;
  };
  NormHistory whole = begun();
  const auto take_steps = [](NormHistory& history, int from, int to) {
    for (int t = from; t < to; ++t) {
      const double norms[] = {t % 97 == 0 ? 0 : 1.0 / (1 + t),
                              t == 700 ? NAN : std::exp(0.3 * (t % 13))};
      history.add_norms(norms);
      history.add_loss(t % 200 == 5 ? NAN : 2 + std::cos(t));
      history.add_rate(0.1, norms);
    }
  };
  take_steps(whole, 0, 1500);  // its blocks were halved once
  whole.dead_relu_share = {0.25};
  StateArchive saved;
  whole.exchange_state(saved);
  saved.write(folder / "h.npz");
  take_steps(whole, 1500, 2500);  // and once more

  NormHistory restored = begun();
  StateArchive state = StateArchive::read(folder / "h.npz");
  restored.exchange_state(state);
  take_steps(restored, 1500, 2500);
  StateArchive of_whole, of_restored;
  whole.exchange_state(of_whole);
  restored.exchange_state(of_restored);
  of_whole.write(folder / "whole.npz");
  of_restored.write(folder / "restored.npz");
  EXPECT_EQ(read_file(folder / "whole.npz"), read_file(folder / "restored.npz"));
  EXPECT_EQ(restored.layers[1].noise(), whole.layers[1].noise());
  EXPECT_EQ(restored.losses.median(), whole.losses.median());
  EXPECT_EQ(restored.dead_relu_share, std::vector{0.25});
}

}  // namespace
}  // namespace ravine
