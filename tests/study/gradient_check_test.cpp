#include "ravine/study/gradient_check.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/small_objectives.hpp"
#include "ravine/base/error.hpp"
#include "support/mlp_variants.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_dataset.hpp"

namespace ravine {
namespace {

using ravine::testing::SmallNetwork;
using ravine::testing::TemporaryFolder;
using ravine::testing::WrongGradient;
using ::testing::AllOf;
using ::testing::HasSubstr;

TrainConfig tiny_config(const TemporaryFolder& folder) {
  ravine::testing::write_tiny_dataset(folder.path());
  TrainConfig config;
  config.data = folder.path().string();
  config.network.hidden = {6, 5};
  return config;
}

TEST(CheckTrainGradient, PassesForEveryActivationWithAndWithoutBias) {
  TemporaryFolder folder;
  ThreadTeam team(1);
  TrainConfig config = tiny_config(folder);
  for (const auto& [name, activation] : kActivations) {
    for (const bool bias : {false, true}) {
      config.network.activation = activation;
      config.network.bias = bias;
      const GradientReport report = check_train_gradient(config, team);
      EXPECT_TRUE(report.passed) << name << ": " << report.message;
      EXPECT_EQ(report.blocks.size(), bias ? 6u : 3u);
      EXPECT_EQ(report.blocks[0].block, "layer1.weight");
      EXPECT_NEAR(report.taylor[0].order, 2, kOrderTolerance);
    }
  }
}

TEST(CheckTrainGradient, PassesForEveryKindOfLayer) {
  TemporaryFolder folder;
  ThreadTeam team(1);
  for (const Activation activation : {Activation::relu, Activation::gelu}) {
    for (const MlpConfig& network : ravine::testing::mlp_variants(4, 10, activation)) {
      TrainConfig config = tiny_config(folder);
      config.network = network;
      config.initialization = Initialization::lsuv;
      const GradientReport report = check_train_gradient(config, team);
      EXPECT_TRUE(report.passed) << ::testing::PrintToString(network) << ": " << report.message;
    }
  }
}

TEST(CheckTrainGradient, PassesWhereALossOfZeroWeightsDoesNotBend) {
  TemporaryFolder folder;
  ThreadTeam team(1);
  TrainConfig config = tiny_config(folder);
  config.initialization = Initialization::zero;
  const GradientReport report = check_train_gradient(config, team);
  EXPECT_TRUE(report.passed) << report.message;
  EXPECT_NEAR(report.taylor[0].order, 3, kOrderTolerance) << "of three layers";
}

TEST(CheckTrainGradient, RefusesWhatTrainRefuses) {
  TemporaryFolder folder;
  ThreadTeam team(1);
  TrainConfig config = tiny_config(folder);
  config.network.hidden = {0};
  EXPECT_THROW(check_train_gradient(config, team), ConfigError);
  config = tiny_config(folder);
  config.batch_size = 0;
  EXPECT_THROW(check_train_gradient(config, team), ConfigError);
  config = tiny_config(folder);
  config.initial_weights = folder / "missing.npz";
  EXPECT_THROW(check_train_gradient(config, team), IoError);
}

TEST(CheckSenseGradient, PassesForExactAndHigherRank) {
  ThreadTeam team(1);
  SenseConfig config;
  config.instance = {.dimension = 10, .true_rank = 2, .measurements = 80};
  for (const std::size_t rank : {1, 2, 10}) {
    config.rank = rank;
    const GradientReport report = check_sense_gradient(config, team);
    EXPECT_TRUE(report.passed) << report.message;
    EXPECT_LT(report.blocks[0].worst_relative.relative, 1e-7);
    EXPECT_NEAR(report.taylor[0].order, 2, kOrderTolerance);
  }
}

TEST(CheckSenseGradient, PassesForThePopulationLoss) {
  ThreadTeam team(1);
  SenseConfig config;
  config.instance = {.dimension = 10, .true_rank = 2};
  config.population = true;
  config.rank = 3;
  const GradientReport report = check_sense_gradient(config, team);
  EXPECT_TRUE(report.passed) << report.message;
  EXPECT_LT(report.blocks[0].worst_relative.relative, 1e-7);
}

TEST(CheckSenseGradient, RefusesWhatSenseRefuses) {
  ThreadTeam team(1);
  SenseConfig config;
  config.rank = config.instance.dimension + 1;
  EXPECT_THROW(check_sense_gradient(config, team), ConfigError);
}

TEST(Judge, FailsAWrongGradientAndSaysWhere) {
  SmallNetwork network(Activation::tanh, false);
  WrongGradient wrong(network.mlp, 1, 0.5);
  const GradientReport report =
      judge(check_gradient(wrong, network.point), taylor_test(wrong, network.point));
  EXPECT_FALSE(report.passed);
  EXPECT_THAT(report.message,
              AllOf(HasSubstr("Taylor order 1."), HasSubstr("0.5 in layer2.weight at (")));
}

TEST(Judge, SaysThatThereIsNoOrderWhereTheRemaindersAreZero) {
  SmallNetwork network(Activation::tanh, false);
  TaylorTest linear;
  linear.order = std::numeric_limits<double>::quiet_NaN();
  linear.exact = true;
  const GradientReport report = judge(check_gradient(network.mlp, network.point), {linear});
  EXPECT_TRUE(report.passed);
  EXPECT_THAT(report.message, HasSubstr("no Taylor order to fit, for the remainders are zero"));
}

TEST(Judge, FailsWhenOneOfTheTwoChecksFails) {
  SmallNetwork network(Activation::tanh, false);
  WrongGradient wrong(network.mlp, 1, 0.5);
  const auto good_blocks = check_gradient(network.mlp, network.point);
  const auto good_taylor = taylor_test(network.mlp, network.point);
  EXPECT_TRUE(judge(good_blocks, good_taylor).passed);
  EXPECT_FALSE(judge(check_gradient(wrong, network.point), good_taylor).passed);
  EXPECT_FALSE(judge(good_blocks, taylor_test(wrong, network.point)).passed);
}

}  // namespace
}  // namespace ravine
