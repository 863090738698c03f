#include "ravine/study/step_facts.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace ravine {
namespace {

TEST(StepFacts, OnlyTheWholeGradientIsPlainDescent) {
  const RuleChoice sgd{"sgd", {{"weight-decay", 0}}};
  EXPECT_TRUE(step_facts(sgd, false, false).plain_descent);
  EXPECT_FALSE(step_facts(sgd, true, false).plain_descent) << "clipped";
  EXPECT_FALSE(step_facts(sgd, false, true).plain_descent) << "normalised";
  EXPECT_FALSE(step_facts({"sgd", {{"weight-decay", 0.1}}}, false, false).plain_descent);
  EXPECT_FALSE(step_facts({"adam", {}}, false, false).plain_descent);
}

TEST(StepFacts, DecayIsKnownWhereItIsSubtractedAsItIs) {
  const auto decay = [](const RuleChoice& rule) { return step_facts(rule, false, false).decay; };
  EXPECT_DOUBLE_EQ(decay({"sgd", {{"weight-decay", 0.1}}}), 0.1);
  EXPECT_DOUBLE_EQ(decay({"momentum", {{"weight-decay", 0.1}, {"momentum", 0.9}}}), 1);
  EXPECT_DOUBLE_EQ(decay({"adamw", {{"weight-decay", 0.1}}}), 0.1);
  EXPECT_TRUE(std::isnan(decay({"adam", {{"weight-decay", 0.1}}})));
  EXPECT_EQ(decay({"adam", {{"weight-decay", 0}}}), 0);
}

}  // namespace
}  // namespace ravine
