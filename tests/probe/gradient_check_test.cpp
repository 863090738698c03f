#include "ravine/probe/gradient_check.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/small_objectives.hpp"
#include "ravine/base/error.hpp"
#include "ravine/objective/quadratic.hpp"

namespace ravine {
namespace {

using testing::every_activation;
using testing::normal_numbers;
using testing::SmallNetwork;
using testing::SmallPopulation;
using testing::SmallSensing;
using testing::WrongGradient;

constexpr double kTolerance = 1e-7;

class GradientCheckOfMlp : public ::testing::TestWithParam<std::tuple<Activation, bool>> {};

TEST_P(GradientCheckOfMlp, AgreesInEveryCoordinate) {
  const auto& [activation, bias] = GetParam();
  SmallNetwork network(activation, bias);
  const auto blocks = check_gradient(network.mlp, network.point, {.coordinates_per_block = 1000});
  ASSERT_EQ(blocks.size(), network.mlp.layout().blocks().size());
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    EXPECT_EQ(blocks[b].block, network.mlp.layout().blocks()[b].name);
    EXPECT_EQ(blocks[b].checked, network.mlp.layout().blocks()[b].size());
    EXPECT_LT(blocks[b].worst_relative.relative, kTolerance) << blocks[b].block;
    EXPECT_NE(blocks[b].worst_absolute.numeric, 0) << blocks[b].block;
  }
}

INSTANTIATE_TEST_SUITE_P(AllActivations, GradientCheckOfMlp,
                         ::testing::Combine(::testing::ValuesIn(every_activation()),
                                            ::testing::Bool()));

TEST(GradientCheck, ChecksEveryMemberOfASensingInstance) {
  SmallSensing instance;
  const auto blocks = check_gradient(instance.sensing, instance.point);
  ASSERT_EQ(blocks.size(), 2u);
  for (std::size_t k = 0; k < 2; ++k) {
    EXPECT_EQ(blocks[k].member, k);
    EXPECT_EQ(blocks[k].checked, 18u);
    EXPECT_LT(blocks[k].worst_relative.relative, kTolerance);
  }
}

TEST(GradientCheck, AgreesOnThePopulationLoss) {
  SmallPopulation population(7, 2, 3);
  const auto blocks = check_gradient(population.sensing, normal_numbers(21, "u"));
  EXPECT_LT(worst_of(blocks).worst_relative.relative, kTolerance);
}

TEST(GradientCheck, NamesTheBlockAndCoordinateOfAWrongGradient) {
  SmallNetwork network(Activation::tanh, true);
  for (std::size_t block = 0; block < network.mlp.layout().blocks().size(); ++block) {
    WrongGradient wrong(network.mlp, block, 1.001);
    const auto blocks = check_gradient(wrong, network.point, {.coordinates_per_block = 20});
    EXPECT_EQ(worst_of(blocks).block, network.mlp.layout().blocks()[block].name);
    const CoordinateCheck& worst = worst_of(blocks).worst_absolute;
    EXPECT_NEAR(worst.analytic, 1.001 * worst.numeric, 1e-7);
    EXPECT_GT(worst.relative, 1e-5);
    for (std::size_t other = 0; other < blocks.size(); ++other) {
      if (other == block) continue;
      EXPECT_LT(blocks[other].worst_relative.relative, kTolerance);
    }
  }
}

TEST(GradientCheck, FindsAWrongGradientInABlockOfMuchSmallerOnes) {
  SmallNetwork network(Activation::tanh, false);
  // The last layer passes little back, so the gradients of the others are small.
  const ParameterBlock& last = network.mlp.layout().blocks()[2];
  for (std::size_t i = 0; i < last.size(); ++i) network.point[last.offset + i] *= 1e-6;
  WrongGradient wrong(network.mlp, 0, 1.1);
  const auto blocks = check_gradient(wrong, network.point);
  EXPECT_EQ(worst_of(blocks).block, "layer1.weight");
  EXPECT_GT(worst_of(blocks).worst_relative.relative, 1e-4);
}

TEST(GradientCheck, NamesTheMemberOfAWrongGradient) {
  SmallSensing instance;
  WrongGradient wrong(instance.sensing, 1, 2);
  const auto blocks = check_gradient(wrong, instance.point);
  EXPECT_LT(blocks[0].worst_relative.relative, kTolerance);
  EXPECT_EQ(worst_of(blocks).member, 1u);
  EXPECT_EQ(worst_of(blocks).block, "U.b");
  EXPECT_NEAR(worst_of(blocks).worst_relative.relative, 0.5, 1e-6);
}

// 1/2 sum c_i w_i^2 with a gradient that is wrong in one coordinate.
class WrongCoordinate {
 public:
  using Scalar = double;
  WrongCoordinate(std::size_t row, std::size_t col, double wrong) : wrong_(wrong) {
    layout_.add("ignored", 2, 2);
    layout_.add("w", 3, 5);
    index_ = layout_.blocks()[1].offset + 5 * row + col;
  }
  const ParameterLayout& layout() const { return layout_; }
  void loss_and_gradient(std::span<const double> w, const Evaluation&, std::span<double> gradient,
                         std::span<double> losses) const {
    losses[0] = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      gradient[i] = w[i];
      losses[0] += 0.5 * w[i] * w[i];
    }
    gradient[index_] = wrong_;
  }

 private:
  ParameterLayout layout_;
  std::size_t index_;
  double wrong_;
};

TEST(GradientCheck, GivesRowAndColumnOfTheWorstCoordinate) {
  WrongCoordinate objective(2, 3, -5);
  const auto blocks = check_gradient(objective, std::vector<double>(19, 2.0));
  const CoordinateCheck& worst = worst_of(blocks).worst_relative;
  EXPECT_EQ(worst_of(blocks).block, "w");
  EXPECT_EQ(worst.row, 2u);
  EXPECT_EQ(worst.col, 3u);
  EXPECT_EQ(worst.analytic, -5);
  EXPECT_NEAR(worst.numeric, 2, 1e-9);
  EXPECT_NEAR(worst.absolute, 7, 1e-9);
  EXPECT_NEAR(worst.relative, 7.0 / 5, 1e-9);
}

TEST(GradientCheck, FindsAGradientThatIsNotFiniteWithoutSamplingIt) {
  WrongCoordinate objective(1, 4, std::nan(""));
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto blocks = check_gradient(objective, std::vector<double>(19, 2.0),
                                       {.coordinates_per_block = 1, .seed = seed});
    const BlockCheck& worst = worst_of(blocks);
    EXPECT_EQ(worst.block, "w");
    EXPECT_TRUE(std::isinf(worst.worst_relative.relative));
    EXPECT_EQ(worst.worst_relative.row, 1u);
    EXPECT_EQ(worst.worst_relative.col, 4u);
    EXPECT_LT(blocks[0].worst_relative.relative, kTolerance);
  }
}

TEST(GradientCheck, ReportsALossThatIsNotFiniteAsInfiniteDeviation) {
  Quadratic quadratic({1, 1}, {0, 0});
  const double huge = std::numeric_limits<double>::max();
  const auto blocks = check_gradient(quadratic, std::vector<double>{1, huge});
  EXPECT_TRUE(std::isinf(worst_of(blocks).worst_relative.relative));
}

TEST(GradientCheck, SamplesTheSameCoordinatesForTheSameSeedOnly) {
  SmallNetwork network(Activation::tanh, false);
  const auto worst_row = [&](std::uint64_t seed) {
    const auto blocks =
        check_gradient(network.mlp, network.point, {.coordinates_per_block = 2, .seed = seed});
    EXPECT_EQ(blocks[0].checked, 2u);
    return blocks[0].worst_relative.analytic;
  };
  EXPECT_EQ(worst_row(1), worst_row(1));
  EXPECT_NE(worst_row(1), worst_row(2));
}

// |w|, with the gradient of its own side.
class Kink {
 public:
  using Scalar = double;
  Kink() { layout_.add("w", 1, 1); }
  const ParameterLayout& layout() const { return layout_; }
  void loss_and_gradient(std::span<const double> w, const Evaluation&, std::span<double> gradient,
                         std::span<double> losses) const {
    losses[0] = std::abs(w[0]);
    gradient[0] = w[0] > 0 ? 1 : -1;
  }

 private:
  ParameterLayout layout_;
};

TEST(GradientCheck, StepsShortOfANearbyKink) {
  Kink kink;
  for (const double w : {2e-5, 2e-6, -2e-6}) {
    const auto blocks = check_gradient(kink, std::vector<double>{w});
    EXPECT_LT(worst_of(blocks).worst_relative.relative, kTolerance) << w;
  }
}

TEST(GradientCheck, RefusesAPointOfAnotherSize) {
  Quadratic quadratic({1, 2}, {0, 0});
  EXPECT_THROW(check_gradient(quadratic, std::vector<double>(3)), ShapeError);
}

TEST(GradientCheck, RefusesOptionsThatCheckNothing) {
  Quadratic quadratic({1}, {0});
  const std::vector<double> point{1};
  EXPECT_THROW(check_gradient(quadratic, point, {.coordinates_per_block = 0}), ConfigError);
  EXPECT_THROW(check_gradient(quadratic, point, {.first_step = 0}), ConfigError);
  EXPECT_THROW(check_gradient(quadratic, point, {.first_step = std::nan("")}), ConfigError);
}

}  // namespace
}  // namespace ravine
