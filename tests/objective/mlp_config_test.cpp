#include "ravine/objective/mlp_config.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/bits.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::same_bits;

MlpConfig with_hidden(std::vector<std::size_t> hidden) {
  MlpConfig config;
  config.hidden = std::move(hidden);
  return config;
}

TEST(MlpConfig, AcceptsAnyUsefulShape) {
  EXPECT_NO_THROW(check(MlpConfig{}));
  EXPECT_NO_THROW(check(with_hidden({})));
  EXPECT_NO_THROW(check(with_hidden({64, 32, 16})));
  EXPECT_NO_THROW(check(with_hidden({1, 65'536})));
}

TEST(MlpConfig, ReportsEveryViolationAtOnce) {
  EXPECT_EQ(error_of<ConfigError>([] {
              check(with_hidden({128, 0, 65'537}));
            }),
            "[mlp] width of hidden layer 2: expected 1 to 65536, got 0; "
            "[mlp] width of hidden layer 3: expected 1 to 65536, got 65537");
  MlpConfig config = with_hidden({0});
  config.inputs = 0;
  EXPECT_EQ(error_of<ConfigError>([&] { check(config); }),
            "[mlp] width of hidden layer 1: expected 1 to 65536, got 0; "
            "[mlp] inputs and outputs: expected at least 1, got 0 and 10");
}

TEST(MlpConfig, RefusesWhatNoMemoryHolds) {
  EXPECT_EQ(error_of<ConfigError>([] { check(with_hidden(std::vector<std::size_t>(1000, 8))); }),
            "[mlp] number of layers: expected at most 1000, got 1001");
  EXPECT_THAT(error_of<ConfigError>([] {
                check(with_hidden({65'536, 65'536}));
              }),
              HasSubstr("[mlp] parameters: expected at most 2147483648, got "));
}

TEST(MlpLayout, NamesWeightsAndBiasesLayerByLayer) {
  MlpConfig config = with_hidden({64, 32});
  EXPECT_EQ(mlp_layout(config).size(), 784U * 64 + 64 * 32 + 32 * 10);
  config.bias = true;
  const ParameterLayout layout = mlp_layout(config);
  ASSERT_EQ(layout.blocks().size(), 6U);
  EXPECT_EQ(layout.members(), 1U);
  EXPECT_EQ(layout.size(), 784U * 64 + 64 + 64 * 32 + 32 + 32 * 10 + 10);
  EXPECT_EQ(layout.blocks()[2].name, "layer2.weight");
  EXPECT_EQ(layout.blocks()[2].rows, 32U);
  EXPECT_EQ(layout.blocks()[2].cols, 64U);
  EXPECT_EQ(layout.blocks()[5].name, "layer3.bias");
  EXPECT_EQ(layout.blocks()[5].rows, 1U);
  EXPECT_EQ(layout.blocks()[5].cols, 10U);
}

/// The initial values of one block.
std::vector<float> initial_block(const MlpConfig& config, Initialization initialization,
                                 double gain, std::size_t block) {
  const std::vector<float> all = initial_parameters(config, initialization, gain, 1234);
  const ParameterLayout layout = mlp_layout(config);
  EXPECT_EQ(all.size(), layout.size());
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(layout.blocks()[block].offset);
  return {first, first + static_cast<std::ptrdiff_t>(layout.blocks()[block].size())};
}

float largest(const std::vector<float>& x) {
  return std::abs(*std::ranges::max_element(x, {}, [](float value) { return std::abs(value); }));
}

TEST(InitialParameters, DrawBiasesForTorchOnly) {
  MlpConfig config;
  config.bias = true;
  const std::vector<float> bias = initial_block(config, Initialization::torch, 5, 1);
  EXPECT_GT(largest(bias), 0.8F / 28);
  EXPECT_LE(largest(bias), 1 / 28.0F) << "the gain is for weights";
  for (const auto& [name, initialization] : kInitializations) {
    if (initialization == Initialization::torch) continue;
    EXPECT_EQ(initial_block(config, initialization, 1, 1), std::vector<float>(128, 0)) << name;
  }
}

TEST(InitialParameters, AreAFunctionOfTheSeedAndDifferByLayer) {
  const MlpConfig config = with_hidden({128, 128, 128});
  for (const auto& [name, initialization] : kInitializations) {
    if (initialization == Initialization::zero) continue;
    const auto draw = [&, drawn = initialization](std::uint64_t seed) {
      return initial_parameters(config, drawn, 1, seed);
    };
    EXPECT_TRUE(same_bits(draw(1), draw(1))) << name;
    EXPECT_FALSE(same_bits(draw(1), draw(2))) << name;
    EXPECT_NE(initial_block(config, initialization, 1, 1),
              initial_block(config, initialization, 1, 2))
        << name;
  }
}

TEST(InitialParameters, OfAWeightDoNotDependOnBiases) {
  MlpConfig biased;
  biased.bias = true;
  EXPECT_EQ(initial_block(biased, Initialization::torch, 1, 2),
            initial_block(MlpConfig{}, Initialization::torch, 1, 1));
}

TEST(SummaryTable, CountsWhatTorchsummaryCounts) {
  // In MB of 2^20 bytes for a batch of 128: input 128 * 784 * 4 bytes; outputs of the four linear
  // layers, three ReLUs and the softmax, 2 * (3 * 128 + 10) = 788 numbers a sample, once forward
  // and once backward; 134,400 parameters.
  const std::string table = summary_table(MlpConfig{}, 128);
  EXPECT_THAT(table, HasSubstr("Total parameters: 134400\n"));
  EXPECT_THAT(table, HasSubstr("Input: 0.38 MB, activations forward and backward: 0.77 MB, "
                               "parameters: 0.51 MB, together 1.67 MB (batch of 128)\n"));
  EXPECT_THAT(table,
              HasSubstr("Linear 1                          [128, 128]              100352\n"));
  EXPECT_THAT(table,
              HasSubstr("relu 3                            [128, 128]                   0\n"));
  EXPECT_THAT(table,
              HasSubstr("Linear 4                           [128, 10]                1280\n"));
  EXPECT_THAT(table,
              HasSubstr("LogSoftmax                         [128, 10]                   0\n"));
}

TEST(SummaryTable, CountsUnequalLayersAndBiases) {
  MlpConfig config = with_hidden({64, 32, 16});
  config.bias = true;
  config.activation = Activation::tanh;
  const std::string table = summary_table(config, 1);
  EXPECT_THAT(table,
              HasSubstr("Linear 2                             [1, 32]                2080\n"));
  EXPECT_THAT(table,
              HasSubstr("tanh 3                               [1, 16]                   0\n"));
  EXPECT_THAT(table, HasSubstr("Total parameters: 53018\n"));
  EXPECT_THAT(table, Not(HasSubstr("relu")));
}

TEST(SummaryTable, OfALinearModelHasOneLayer) {
  EXPECT_THAT(summary_table(with_hidden({}), 1), HasSubstr("Total parameters: 7840\n"));
}

}  // namespace
}  // namespace ravine
