#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/diagnosis/diagnosis.hpp"
#include "support/norm_histories.hpp"

namespace ravine {
namespace {

using ::ravine::testing::add_losses;
using ::ravine::testing::fading;
using ::ravine::testing::falling;
using ::ravine::testing::history_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Diagnosis, AdvisesNothingThatIsThere) {
  NormHistory history =
      history_of(8, 400, [](double l, int s) { return std::pow(10, l - 7.0) * falling(l, s); });
  const auto actions = [&] {
    std::string text;
    for (const Advice& advice : diagnose(history).advice) text += advice.action + "; ";
    return text;
  };
  EXPECT_THAT(actions(), HasSubstr("normalisation"));
  EXPECT_THAT(actions(), HasSubstr("residual"));
  EXPECT_EQ(diagnose(history).confidence, Confidence::high);
  history.has = {.normalisation = true, .residual = true};
  EXPECT_THAT(actions(), ::testing::Not(HasSubstr("normalisation")));
  EXPECT_THAT(actions(), ::testing::Not(HasSubstr("residual")));
  const Diagnosis d = diagnose(history);
  EXPECT_EQ(d.verdict, Verdict::vanishing);
  EXPECT_EQ(d.confidence, Confidence::medium) << "weights that have grown make small gradients too";
  EXPECT_THAT(d.cause, ::testing::Not(HasSubstr("times the size of the weights")));
}

TEST(Diagnosis, TakesTheCauseFromWhatTheProbesProve) {
  const auto vanishing = [] {
    return history_of(6, 100, [](double l, int) { return std::pow(10, l - 5); });
  };
  NormHistory history = vanishing();
  EXPECT_THAT(diagnose(history).cause, HasSubstr("times the size of the weights"));
  history.probes.resize(6);
  history.probes[3].saturated_share = 0.97;
  EXPECT_THAT(diagnose(history).cause, HasSubstr("saturated"));
  EXPECT_THAT(diagnose(history).reasons.back(), HasSubstr("97 % of the outputs of layer4"));

  history = history_of(3, 100, [](double, int) { return 0.5; });  // stuck
  add_losses(history, 100, 2.3, 2.3);
  EXPECT_THAT(diagnose(history).cause, HasSubstr("cancel or lead nowhere"));
  history.probes.resize(3);
  for (LayerProbes& layer : history.probes) layer.update_ratio = 2e-9;
  const Diagnosis idle = diagnose(history);
  EXPECT_EQ(idle.verdict, Verdict::stuck);
  EXPECT_THAT(idle.cause, HasSubstr("too small for this step rule"));
  EXPECT_THAT(idle.reasons.back(), HasSubstr("2e-09 of their size"));
  EXPECT_THAT(idle.advice[0].action, HasSubstr("raise the learning rate"));

  history = history_of(3, 100, [](double, int s) { return s % 2 == 0 ? 0.1 : 3; });  // unstable
  history.probes.resize(3);
  for (LayerProbes& layer : history.probes) layer.update_ratio = 0.4;
  EXPECT_EQ(diagnose(history).verdict, Verdict::unstable);
  EXPECT_THAT(diagnose(history).cause, HasSubstr("too large for this step rule"));
}

TEST(Diagnosis, ShrinkageDuringTrainingIsBlamedOnTheSteps) {
  const Diagnosis d = diagnose(
      history_of(6, 200, [](double l, int s) { return s < 10 ? 1.0 : std::pow(10, l - 5.0); }));
  EXPECT_EQ(d.verdict, Verdict::vanishing);
  EXPECT_THAT(d.cause, HasSubstr("later"));
  EXPECT_THAT(d.advice[0].action, HasSubstr("learning rate"));
}

TEST(Diagnosis, ZerosFromTheStartAreBlamedOnTheSetUp) {
  const Diagnosis d = diagnose(history_of(4, 200, [](double, int) { return 0.0; }));
  EXPECT_EQ(d.verdict, Verdict::dead);
  EXPECT_THAT(d.cause, HasSubstr("all zero"));
}

TEST(Diagnosis, ASilentLayerThatGradientsPassIsFrozen) {
  NormHistory history =
      history_of(4, 100, [](double l, int s) { return l == 2 ? 0 : falling(l, s); });
  const Diagnosis d = diagnose(history);
  EXPECT_EQ(d.verdict, Verdict::dead);
  EXPECT_THAT(d.layers, ElementsAre("layer3"));
  EXPECT_THAT(d.reasons[0], HasSubstr("at every step"));
  EXPECT_THAT(d.cause, HasSubstr("frozen"));
}

TEST(Diagnosis, ASigmoidIsBlamedWhereThereMayBeOne) {
  NormHistory history =
      history_of(6, 400, [](double l, int s) { return std::pow(10, l - 5.0) * falling(l, s); });
  EXPECT_THAT(diagnose(history).advice[0].action, HasSubstr("sigmoid"));
  history.has.other_activation = true;
  for (const Advice& advice : diagnose(history).advice) {
    EXPECT_THAT(advice.action, Not(HasSubstr("sigmoid")));
  }
}

TEST(Diagnosis, BlamesDecayByTheNormsOfTheWeights) {
  const auto cause_with_weights_left = [](double left) {
    NormHistory history = fading(10);
    for (LayerHistory& layer : history.layers) {
      layer.add_weight_norm(8);
      layer.add_weight_norm(8 * left);
    }
    return diagnose(history).cause;
  };
  EXPECT_THAT(cause_with_weights_left(0.01), HasSubstr("shrunk to 0.01 of their norm"));
  EXPECT_THAT(cause_with_weights_left(0.9), HasSubstr("steps too large"));
}

TEST(Diagnosis, BlamesDecayByWhatItAloneLeavesOfTheWeights) {
  const auto cause_at_decay = [](double decay) {
    NormHistory history = fading(10);
    history.assume({.decay = decay});
    for (int s = 0; s < 400; ++s) history.add_rate(0.1, std::vector<double>(4, 1.0));
    return diagnose(history).cause;
  };
  EXPECT_THAT(cause_at_decay(0.1), HasSubstr("alone leaves 0.018 of the weights"));
  EXPECT_THAT(cause_at_decay(1e-4), HasSubstr("steps too large"));
  EXPECT_THAT(cause_at_decay(0), HasSubstr("steps too large"));
}

TEST(Diagnosis, ZerosThatDecayLedToAreBlamedOnIt) {
  NormHistory history =
      history_of(4, 400, [](double, int s) { return s < 300 ? std::pow(0.5, s / 10.0) : 0; });
  EXPECT_THAT(diagnose(history).cause, HasSubstr("step too large"));
  history.assume({.decay = 0.1});
  for (int s = 0; s < 400; ++s) history.add_rate(0.1, std::vector<double>(4, 1.0));
  const Diagnosis d = diagnose(history);
  EXPECT_EQ(d.verdict, Verdict::dead);
  EXPECT_THAT(d.cause, HasSubstr("weight decay alone leaves"));
}

TEST(Diagnosis, ASuddenBreakIsBlamedOnTheLossOnlyWhereThatMayBreak) {
  NormHistory history = history_of(3, 50, [](double, int s) { return s < 25 ? 1 : NAN; });
  const auto first_actions = [&] {
    const std::vector<Advice> advice = diagnose(history).advice;
    return advice[0].action + "; " + advice[1].action;
  };
  EXPECT_THAT(first_actions(), HasSubstr("log-probabilities"));
  EXPECT_THAT(first_actions(), HasSubstr("lower the learning rate"));
  history.has.finite_loss = true;
  EXPECT_THAT(diagnose(history).cause, Not(HasSubstr("logarithm")));
  EXPECT_THAT(first_actions(), Not(HasSubstr("log-probabilities")));
  EXPECT_THAT(first_actions(), HasSubstr("lower the learning rate"));
}

TEST(Diagnosis, NormsThatAreBrokenBeforeAnyStepAreNotBlamedOnSteps) {
  const auto broken_from = [](int first) {  // the norms grow from step 20 on
    return diagnose(history_of(3, 50, [&](double, int s) {
      return s >= first ? NAN : std::pow(10, std::max(0, s - 20));
    }));
  };
  EXPECT_EQ(broken_from(0).verdict, Verdict::exploding);
  EXPECT_THAT(broken_from(0).cause, HasSubstr("before any step was made"));
  EXPECT_THAT(broken_from(0).advice[0].action, HasSubstr("inputs, targets"));
  EXPECT_THAT(broken_from(25).cause, HasSubstr("each step overshoots"));
}

}  // namespace
}  // namespace ravine
