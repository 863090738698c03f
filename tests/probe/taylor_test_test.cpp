#include "ravine/probe/taylor_test.hpp"

#include <cmath>
#include <tuple>

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

class TaylorTestOfMlp : public ::testing::TestWithParam<std::tuple<Activation, bool>> {};

TEST_P(TaylorTestOfMlp, RemainderFallsAsTheSquareOfTheDistance) {
  const auto& [activation, bias] = GetParam();
  SmallNetwork network(activation, bias);
  const auto tests = taylor_test(network.mlp, network.point);
  ASSERT_EQ(tests.size(), 1u);
  EXPECT_NEAR(tests[0].order, 2, 0.1);
  EXPECT_GE(tests[0].fitted, 4u);
  EXPECT_TRUE(tests[0].passes(0.1));
}

INSTANTIATE_TEST_SUITE_P(AllActivations, TaylorTestOfMlp,
                         ::testing::Combine(::testing::ValuesIn(every_activation()),
                                            ::testing::Bool()));

TEST(TaylorTest, HoldsForEveryMemberOfASensingInstance) {
  SmallSensing instance(6, 2, 3, 40, {"a", "b", "c"});
  for (std::size_t i = 18; i < 36; ++i) instance.point[i] *= 1e-2;
  const auto tests = taylor_test(instance.sensing, instance.point);
  ASSERT_EQ(tests.size(), 3u);
  for (const TaylorTest& test : tests) EXPECT_NEAR(test.order, 2, 0.1) << test.member;
  EXPECT_LT(tests[1].remainders[0].distance, tests[0].remainders[0].distance / 10);
}

TEST(TaylorTest, HoldsForThePopulationLoss) {
  SmallPopulation population(7, 2, 3);
  EXPECT_NEAR(taylor_test(population.sensing, normal_numbers(21, "u"))[0].order, 2, 0.1);
}

TEST(TaylorTest, HoldsExactlyForAQuadratic) {
  Quadratic quadratic({1, 2, 3}, {0, 0, 0});
  const TaylorTest test = taylor_test(quadratic, std::vector<double>{1, -1, 2})[0];
  EXPECT_NEAR(test.order, 2, 1e-3);
  for (std::size_t i = 1; i < 8; ++i) EXPECT_NEAR(test.remainders[i].order, 2, 1e-3);
  EXPECT_TRUE(std::isnan(test.remainders[0].order));
}

TEST(TaylorTest, SaysWhereRoundingBegins) {
  Quadratic quadratic({1, 2, 3}, {0, 0, 0});
  const TaylorTest test =
      taylor_test(quadratic, std::vector<double>{1, -1, 2}, {.halvings = 40})[0];
  EXPECT_TRUE(test.remainders.front().clean);
  EXPECT_FALSE(test.remainders.back().clean);
  EXPECT_NEAR(test.order, 2, 0.01);
}

TEST(TaylorTest, FitsBelowTheThirdDerivative) {
  // Cubic along the diagonal: order 3 far out, order 2 near by.
  ThreadTeam team(1);
  const double truth = 0;
  MatrixSensing population = population_sensing(MatrixView(&truth, 1, 1), 1, team);
  const TaylorTest test =
      taylor_test(population, std::vector<double>{1e-3}, {.first_step = 1e3, .halvings = 30})[0];
  EXPECT_GT(test.remainders[1].order, 2.9);
  EXPECT_LT(test.fitted, 29u);
  EXPECT_NEAR(test.order, 2, 0.1);
}

TEST(TaylorTest, FindsOrderOneForAWrongGradientOfAnyBlock) {
  SmallNetwork network(Activation::tanh, true);
  for (std::size_t block = 0; block < network.mlp.layout().blocks().size(); ++block) {
    WrongGradient wrong(network.mlp, block, 1.1);
    const TaylorTest test = taylor_test(wrong, network.point)[0];
    EXPECT_NEAR(test.order, 1, 0.1) << block;
    EXPECT_FALSE(test.passes(0.1));
  }
}

TEST(TaylorTest, BlamesOnlyTheMemberWhoseGradientIsWrong) {
  SmallSensing instance;
  WrongGradient wrong(instance.sensing, 1, 1.01);
  const auto tests = taylor_test(wrong, instance.point);
  EXPECT_TRUE(tests[0].passes(0.1));
  EXPECT_FALSE(tests[1].passes(0.1));
}

// <c, w>, or with a gradient that is off by a factor.
class Linear {
 public:
  using Scalar = double;
  explicit Linear(double factor) : factor_(factor) { layout_.add("w", 1, 3); }
  const ParameterLayout& layout() const { return layout_; }
  void loss_and_gradient(std::span<const double> w, const Evaluation&, std::span<double> gradient,
                         std::span<double> losses) const {
    losses[0] = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      gradient[i] = factor_ * static_cast<double>(i + 1);
      losses[0] += static_cast<double>(i + 1) * w[i];
    }
  }

 private:
  ParameterLayout layout_;
  double factor_;
};

TEST(TaylorTest, CallsALinearLossExactAndItsWrongGradientWrong) {
  const std::vector<double> point{1, 2, 3};
  Linear right(1);
  const TaylorTest exact = taylor_test(right, point)[0];
  EXPECT_TRUE(exact.exact);
  EXPECT_TRUE(std::isnan(exact.order));
  EXPECT_TRUE(exact.passes(0.1));
  Linear wrong(1.001);
  const TaylorTest test = taylor_test(wrong, point)[0];
  EXPECT_FALSE(test.exact);
  EXPECT_NEAR(test.order, 1, 0.01);
  EXPECT_FALSE(test.passes(0.1));
}

TEST(TaylorTest, DoesNotPassWhereTheLossIsNotFinite) {
  Quadratic quadratic({1, 1}, {0, 0});
  const TaylorTest test = taylor_test(quadratic, std::vector<double>{1, 1e200})[0];
  EXPECT_FALSE(test.passes(0.1));
  EXPECT_FALSE(test.exact);
}

TEST(TaylorTest, StartsFromZeroParametersToo) {
  Quadratic quadratic({1, 2}, {1, 1});
  EXPECT_NEAR(taylor_test(quadratic, std::vector<double>{0, 0})[0].order, 2, 0.01);
}

TEST(TaylorTest, RefusesAPointOfAnotherSizeAndOptionsThatTestNothing) {
  Quadratic quadratic({1, 2}, {0, 0});
  const std::vector<double> point{1, 1};
  EXPECT_THROW(taylor_test(quadratic, std::vector<double>(1)), ShapeError);
  EXPECT_THROW(taylor_test(quadratic, point, {.halvings = 1}), ConfigError);
  EXPECT_THROW(taylor_test(quadratic, point, {.first_step = -1}), ConfigError);
}

}  // namespace
}  // namespace ravine
