#include "ravine/optimizer/stability_edge.hpp"

#include <cmath>
#include <variant>

#include <gtest/gtest.h>

#include "ravine/descent/descend.hpp"
#include "ravine/objective/quadratic.hpp"

namespace ravine {
namespace {

constexpr double kEta = 0.1;

/// The distance from the minimum of 1/2 h w^2 after 400 steps from 1.
double distance_after(const TrainingRule& rule, double curvature) {
  ThreadTeam team(1);
  Quadratic bowl({curvature}, {0});
  std::vector<double> w = {1};
  DescentOptions options;
  options.max_steps = 400;
  options.learning_rate = kEta;
  std::visit([&](const auto& chosen) { descend(bowl, chosen, std::span(w), options, {}, team); },
             rule);
  return std::abs(w[0]);
}

TEST(StabilityEdge, IsTheCurvatureAboveWhichAQuadraticDiverges) {
  const TrainingRule rules[] = {GradientDescent{},       GradientDescent{2.0},
                                Momentum{0.9, 0, false}, Momentum{0.5, 1.0, false},
                                Momentum{0.9, 0, true},  Momentum{0.5, 1.0, true}};
  for (std::size_t i = 0; i < std::size(rules); ++i) {
    const std::optional<double> edge = stability_edge(rules[i], kEta);
    ASSERT_TRUE(edge.has_value()) << i;
    EXPECT_LT(distance_after(rules[i], 0.97 * *edge), 0.1) << i;
    EXPECT_GT(distance_after(rules[i], 1.03 * *edge), 10) << i;
  }
}

TEST(StabilityEdge, OfGradientDescentIsTwoOverTheLearningRate) {
  EXPECT_DOUBLE_EQ(stability_edge(TrainingRule(GradientDescent{}), 0.5).value(), 4);
  EXPECT_DOUBLE_EQ(stability_edge(SensingRule(GradientDescent{}), 0.5).value(), 4);
}

TEST(StabilityEdge, IsNoneForRulesWhoseStepsAreScaled) {
  EXPECT_FALSE(stability_edge(TrainingRule(Adam{}), 0.1).has_value());
  EXPECT_FALSE(stability_edge(SensingRule(LineSearch{}), 0.1).has_value());
  EXPECT_FALSE(stability_edge(SensingRule(ScaledGradient{}), 0.1).has_value());
}

}  // namespace
}  // namespace ravine
