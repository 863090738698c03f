#include "ravine/diagnosis/diagnosis.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/diagnosis/explanation.hpp"
#include "support/norm_histories.hpp"

namespace ravine {
namespace {

using ::ravine::testing::add_losses;
using ::ravine::testing::add_signal;
using ::ravine::testing::fading;
using ::ravine::testing::falling;
using ::ravine::testing::history_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Diagnosis, OrdinaryNormsAreHealthy) {
  const Diagnosis d = diagnose(history_of(5, 400, falling));
  EXPECT_EQ(d.verdict, Verdict::healthy) << d.reasons[0];
  EXPECT_EQ(d.confidence, Confidence::medium);
  EXPECT_THAT(d.layers, IsEmpty());
  EXPECT_THAT(d.advice, IsEmpty());
  EXPECT_EQ(d.cause, "");
}

TEST(Diagnosis, AFallingLossMakesHealthCertainAndOutweighsTheSlope) {
  NormHistory history =
      history_of(6, 400, [](double l, int s) { return std::pow(10, l - 5.0) * falling(l, s); });
  EXPECT_EQ(diagnose(history).verdict, Verdict::vanishing);
  add_losses(history, 400, 2.3, 0.3);
  const Diagnosis d = diagnose(history);
  EXPECT_EQ(d.verdict, Verdict::healthy);
  EXPECT_EQ(d.confidence, Confidence::high);
  EXPECT_THAT(d.reasons, ElementsAre(HasSubstr("from 2.3 to 0.398"), HasSubstr("shrinks to 0.1")));
}

TEST(Diagnosis, JudgesLevelsInTheUnitOfTheLoss) {
  const auto verdict_at = [](double level, double gradient_scale) {
    NormHistory history = history_of(4, 400, [&](double, int s) { return level * falling(0, s); });
    history.gradient_scale = gradient_scale;
    return diagnose(history).verdict;
  };
  EXPECT_EQ(verdict_at(6e-3, 1), Verdict::vanishing);
  EXPECT_EQ(verdict_at(6e-3, 0.2), Verdict::healthy) << "ordinary for a squared error";
  EXPECT_EQ(verdict_at(30, 1), Verdict::healthy);
  EXPECT_EQ(verdict_at(30, 0.2), Verdict::exploding);
}

TEST(Diagnosis, NormsThatAreAllTinyDoNotExplodeWhereTheyGrow) {
  const Diagnosis d =
      diagnose(history_of(9, 100, [](double l, int) { return 1e-19 * std::pow(10, -l / 4); }));
  EXPECT_EQ(d.verdict, Verdict::vanishing) << d.reasons[0];
}

TEST(Diagnosis, ReadsTheSignalWhereNormsAreFlatOverDepth) {
  const auto flat_at = [](double level) {
    return history_of(12, 100, [=](double, int) { return level; });
  };
  NormHistory history = flat_at(6e-3);
  EXPECT_EQ(diagnose(history).confidence, Confidence::medium);
  EXPECT_TRUE(std::isnan(diagnose(history).measures.signal_depth.value));
  add_signal(history, 0.4);
  const Diagnosis d = diagnose(history);
  EXPECT_EQ(d.verdict, Verdict::vanishing);
  EXPECT_EQ(d.confidence, Confidence::high) << "the signal is the proof";
  EXPECT_NEAR(d.measures.signal_depth.value, -std::log10(0.4), 0.02);
  EXPECT_LT(d.measures.signal_depth.low, -std::log10(0.4));
  EXPECT_NEAR(std::log10(d.measures.signal_ratio), 11 * std::log10(0.4), 0.05);
  EXPECT_THAT(d.cause, HasSubstr("lost on its way back and"));
  EXPECT_THAT(explain(d), HasSubstr("backpropagated: first to last"));

  history = flat_at(0.5);  // norms in order, and yet
  EXPECT_NE(diagnose(history).verdict, Verdict::vanishing);
  add_signal(history, 0.4);
  EXPECT_EQ(diagnose(history).verdict, Verdict::vanishing);
  EXPECT_THAT(diagnose(history).reasons[0], HasSubstr("signal shrinks to 0.399"));
  add_losses(history, 100, 2.3, 0.3);
  EXPECT_EQ(diagnose(history).verdict, Verdict::healthy) << "it learns all the same";

  history = flat_at(0.5);
  add_signal(history, 2.5);
  EXPECT_EQ(diagnose(history).verdict, Verdict::exploding);
  history.has.normalisation = true;
  EXPECT_NE(diagnose(history).verdict, Verdict::exploding) << "there its size says nothing";
}

TEST(Diagnosis, MeasuresTheSlopeOverDepthWithItsConfidence) {
  const Measures m =
      diagnose(history_of(9, 500, [](double l, int) { return std::pow(10, 0.5 * l); })).measures;
  EXPECT_NEAR(m.depth.value, 0.5, 0.01);
  EXPECT_LT(m.depth.low, 0.5);
  EXPECT_GT(m.depth.high, 0.5);
  EXPECT_LT(m.depth.high - m.depth.low, 0.02);
  EXPECT_NEAR(std::log10(m.first_to_last_ratio), -4, 0.05);
}

TEST(Diagnosis, MeasuresTheTrendOverTime) {
  const Measures m = diagnose(history_of(3, 2000, [](double, int s) {
                       return std::pow(10, -3.0 * s / 1999);
                     })).measures;
  for (const LayerMeasures& layer : m.layers) {
    EXPECT_NEAR(layer.trend.value, -3, 0.05);
    EXPECT_LE(layer.trend.low, layer.trend.value);
    EXPECT_NEAR(layer.noise, 0.1, 0.01);
  }
}

TEST(Diagnosis, NormsThatShrinkBackwardsVanish) {
  const Diagnosis d =
      diagnose(history_of(8, 100, [](double l, int) { return 0.3 * std::pow(0.3, 7.0 - l); }));
  EXPECT_EQ(d.verdict, Verdict::vanishing);
  EXPECT_EQ(d.confidence, Confidence::high);
  EXPECT_THAT(d.layers, ElementsAre("layer1", "layer2", "layer3", "layer4", "layer5", "layer6"));
  EXPECT_THAT(d.cause, HasSubstr("from the first step on"));
  EXPECT_THAT(d.advice[0].reference, HasSubstr("Glorot"));
}

TEST(Diagnosis, FlatNormsVanishByTheirLevel) {
  const Diagnosis d = diagnose(history_of(8, 100, [](double, int) { return 1e-5; }));
  EXPECT_EQ(d.verdict, Verdict::vanishing);
  EXPECT_EQ(d.confidence, Confidence::high);
  EXPECT_EQ(d.layers.size(), 8U);
  EXPECT_THAT(d.cause, HasSubstr("too small for the depth"));
}

TEST(Diagnosis, SmallNormsAtTheEndOfLearningAreNotVanishing) {
  const Diagnosis d =
      diagnose(history_of(4, 400, [](double, int s) { return std::pow(10, -3.5 * s / 400); }));
  EXPECT_EQ(d.verdict, Verdict::healthy) << d.reasons[0];
}

TEST(Diagnosis, NormsThatGrowBackwardsExplode) {
  const Diagnosis d =
      diagnose(history_of(8, 100, [](double l, int) { return std::pow(4, 7.0 - l); }));
  EXPECT_EQ(d.verdict, Verdict::exploding);
  EXPECT_EQ(d.confidence, Confidence::high);
  EXPECT_EQ(d.layers.front(), "layer1");
}

TEST(Diagnosis, FlatNormsExplodeByTheirLevel) {
  const Diagnosis d = diagnose(history_of(8, 100, [](double, int) { return 1e5; }));
  EXPECT_EQ(d.verdict, Verdict::exploding);
  EXPECT_EQ(d.layers.size(), 8U);
  EXPECT_THAT(d.reasons[0],
              HasSubstr("the largest median norm is 1.12e+05, over the first tenth of the"));
}

TEST(Diagnosis, TheLevelOfNormsIsSaidToBeAMedianOfItsSteps) {
  const auto reason = [](int from, int to) {
    return diagnose(history_of(3, 100,
                               [=](double, int s) {
                                 return s >= from && s < to ? std::pow(10, 3 + s % 10) : 1.0;
                               }))
        .reasons[0];
  };
  EXPECT_THAT(reason(90, 100),
              HasSubstr("the largest median norm is 3.57e+07, over the last tenth of the steps"));
  EXPECT_THAT(reason(0, 10),
              HasSubstr("the largest median norm is 3.7e+07, over the first tenth of the steps"));
}

TEST(Diagnosis, OneNormThatIsNotFiniteIsAnExplosion) {
  const Diagnosis d =
      diagnose(history_of(3, 100, [](double l, int s) { return l == 1 && s == 99 ? NAN : 1.0; }));
  EXPECT_EQ(d.verdict, Verdict::exploding);
  EXPECT_EQ(d.confidence, Confidence::high);
  EXPECT_THAT(d.layers, ElementsAre("layer2"));
}

TEST(Diagnosis, ARunThatDivergedExplodedWhateverItsNorms) {
  NormHistory history = history_of(3, 100, falling);
  history.diverged = true;
  EXPECT_EQ(diagnose(history).verdict, Verdict::exploding);
}

TEST(Diagnosis, ZerosUpToTheEndAreDeath) {
  const Diagnosis d =
      diagnose(history_of(4, 200, [](double l, int s) { return l < 3 && s > 50 ? 0.0 : 1.0; }));
  EXPECT_EQ(d.verdict, Verdict::dead);
  EXPECT_EQ(d.confidence, Confidence::high);
  EXPECT_THAT(d.layers, ElementsAre("layer1", "layer2", "layer3"));
  EXPECT_THAT(d.cause, HasSubstr("step too large"));
  EXPECT_EQ(d.measures.layers[0].zero_share, 149.0 / 200);
}

TEST(Diagnosis, ARecordingThatBeginsLateDoesNotTellStuckFromConverged) {
  NormHistory history = history_of(3, 100, [](double, int) { return 0.5; });
  add_losses(history, 100, 0.1, 0.1);
  EXPECT_EQ(diagnose(history).confidence, Confidence::medium);
  history.from_start = false;
  const Diagnosis d = diagnose(history);
  EXPECT_EQ(d.verdict, Verdict::stuck);
  EXPECT_EQ(d.confidence, Confidence::low);
  EXPECT_THAT(d.reasons[0], HasSubstr("may have converged"));
  history.blind_loss = 2.3;
  EXPECT_EQ(diagnose(history).verdict, Verdict::healthy) << "far below a blind guess";
}

TEST(Diagnosis, AFewZerosAtTheEndAreNotYetDeath) {
  const auto dies_at = [](int last) {
    return history_of(3, 20, [last](double l, int s) { return s >= last ? 0 : falling(l, s); });
  };
  EXPECT_EQ(diagnose(dies_at(16)).verdict, Verdict::healthy);
  EXPECT_EQ(diagnose(dies_at(15)).verdict, Verdict::dead);
}

TEST(Diagnosis, PassingZerosAreNotDeath) {
  const Diagnosis d = diagnose(
      history_of(4, 400, [](double l, int s) { return s % 7 == 0 ? 0.0 : falling(l, s); }));
  EXPECT_EQ(d.verdict, Verdict::healthy) << d.reasons[0];
}

TEST(Diagnosis, UnderflowAtTheFarEndIsVanishing) {
  const Diagnosis d = diagnose(history_of(50, 100, [](double l, int) {
    return static_cast<float>(std::pow(10, l - 49.0));  // float32 ends at 1e-45
  }));
  EXPECT_EQ(d.measures.layers[0].zero_share, 1);
  EXPECT_EQ(d.verdict, Verdict::vanishing);
}

TEST(Diagnosis, DeadReLUsAreNamedWhereKnown) {
  NormHistory history = history_of(4, 400, falling);
  history.dead_relu_share = {0.1, 0.99, 0.2};
  const Diagnosis d = diagnose(history);
  EXPECT_EQ(d.verdict, Verdict::dead);
  EXPECT_THAT(d.layers, ElementsAre("layer2"));
  EXPECT_TRUE(std::isnan(d.measures.layers[3].dead_relu_share));
}

TEST(Diagnosis, ALossAboveItsStartIsUnstable) {
  NormHistory history = history_of(4, 100, falling);
  add_losses(history, 100, 2, 40);
  const Diagnosis d = diagnose(history);
  EXPECT_EQ(d.verdict, Verdict::unstable);
  EXPECT_EQ(d.confidence, Confidence::high);
}

TEST(Diagnosis, SpikesAreUnstable) {
  const Diagnosis d = diagnose(
      history_of(4, 400, [](double l, int s) { return falling(l, s) * (s % 20 == 19 ? 40 : 1); }));
  EXPECT_EQ(d.verdict, Verdict::unstable);
  EXPECT_GT(d.measures.layers[0].spike_share, 0.03);
}

TEST(Diagnosis, StepsThatCannotLowerTheLossAreStuckByTheirRate) {
  NormHistory history = history_of(4, 100, [](double, int) { return 1.0; });
  add_losses(history, 100, 2.3, 2.3);
  history.assume({.plain_descent = true});
  for (int s = 0; s < 100; ++s) history.add_rate(1e-7, std::vector<double>(4, 1.0));
  const Diagnosis d = diagnose(history);
  EXPECT_EQ(d.verdict, Verdict::stuck);
  EXPECT_EQ(d.confidence, Confidence::high);
  EXPECT_THAT(d.cause, HasSubstr("learning rate is too small"));
}

TEST(Diagnosis, ALevelLossIsStuckUnlessTheNormsGrow) {
  NormHistory level = history_of(4, 400, [](double, int) { return 1.0; });
  add_losses(level, 400, 2.30, 2.29);
  EXPECT_EQ(diagnose(level).verdict, Verdict::stuck);
  NormHistory leaving =
      history_of(4, 400, [](double, int s) { return 0.1 * std::pow(10, s / 400.0); });
  add_losses(leaving, 400, 2.30, 2.29);
  EXPECT_EQ(diagnose(leaving).verdict, Verdict::healthy);
}

TEST(Diagnosis, NormsThatDoNotMoveAreStuckWithLowConfidence) {
  const Diagnosis d = diagnose(history_of(4, 2000, [](double, int) { return 1.0; }));
  EXPECT_EQ(d.verdict, Verdict::stuck);
  EXPECT_EQ(d.confidence, Confidence::low);
}

TEST(Diagnosis, NormsThatCollapseTogetherVanishHoweverTheyStarted) {
  const Diagnosis d = diagnose(fading(10));
  EXPECT_EQ(d.verdict, Verdict::vanishing);
  EXPECT_EQ(d.confidence, Confidence::medium) << "a loss of nearly 0 would explain it";
  EXPECT_THAT(d.reasons[0], HasSubstr("no step moves a weight"));
  EXPECT_THAT(d.cause, HasSubstr("weight decay"));
  EXPECT_THAT(d.advice[0].action, HasSubstr("lower the weight decay"));
  EXPECT_EQ(diagnose(fading(25)).verdict, Verdict::healthy) << "3e-5 of the start";
  NormHistory fitted = fading(10);
  add_losses(fitted, 400, 2.3, 0);
  EXPECT_EQ(diagnose(fitted).verdict, Verdict::healthy) << "the network has learned and rests";
}

TEST(Diagnosis, AnExplosionOverDepthAtTheStartCountsWhenNormsCalmDown) {
  const Diagnosis d = diagnose(
      history_of(4, 400, [](double l, int s) { return s < 60 ? std::pow(10, 2 - l) * 0.5 : 0.5; }));
  EXPECT_EQ(d.verdict, Verdict::exploding);
  EXPECT_EQ(d.confidence, Confidence::medium);
  EXPECT_LT(d.measures.first_to_last_ratio, 2);
  EXPECT_GT(d.measures.ratio_at_start, 500);
}

TEST(Diagnosis, ALossThatMayHaveFallenToABlindGuessOnlyExcusesNothing) {
  const auto verdict_of = [](double first, double last, double blind, double level) {
    NormHistory history = history_of(
        6, 400, [&](double l, int s) { return level * std::pow(10, l - 5.0) * falling(l, s); });
    add_losses(history, 400, first, last);
    history.blind_loss = blind;
    return diagnose(history);
  };
  const Diagnosis unseen = verdict_of(2.82, 2.3, NAN, 1);
  EXPECT_EQ(unseen.verdict, Verdict::vanishing);
  EXPECT_THAT(unseen.reasons.back(), HasSubstr("--classes"));
  EXPECT_EQ(verdict_of(2.82, 2.3, std::log(10), 1).verdict, Verdict::vanishing);
  EXPECT_EQ(verdict_of(2.82, 1.9, std::log(10), 1).verdict, Verdict::healthy);
  EXPECT_EQ(verdict_of(2.3, 0.9, NAN, 1).verdict, Verdict::healthy) << "more than half is off";
  EXPECT_NE(verdict_of(47, 2.3, NAN, 300).verdict, Verdict::healthy) << "it started too large";
}

TEST(Diagnosis, ALayerThatDiesHasMoved) {
  const Diagnosis d =
      diagnose(history_of(2, 100, [](double l, int s) { return l == 0 && s > 60 ? 0 : 1.0; }));
  EXPECT_EQ(d.verdict, Verdict::dead);
  EXPECT_THAT(d.reasons, ElementsAre(HasSubstr("exactly zero")));
}

TEST(Diagnosis, NormsThatRiseAndFallBackAreNotStuck) {
  const auto at = [](double decades) {
    return diagnose(history_of(4, 400,
                               [&](double, int s) {
                                 return std::pow(10, decades * std::sin(3.14159 * s / 400));
                               }))
        .verdict;
  };
  EXPECT_EQ(at(0), Verdict::stuck);
  EXPECT_EQ(at(0.3), Verdict::healthy);
}

TEST(Diagnosis, OneStepGivesAVerdictOfLowConfidence) {
  const Diagnosis healthy = diagnose(history_of(4, 1, falling));
  EXPECT_EQ(healthy.verdict, Verdict::healthy);
  EXPECT_EQ(healthy.confidence, Confidence::low);
  EXPECT_THAT(healthy.reasons[0], HasSubstr("judged by 1 step only"));
  const Diagnosis sick =
      diagnose(history_of(8, 1, [](double l, int) { return std::pow(0.1, 8.0 - l); }));
  EXPECT_EQ(sick.verdict, Verdict::vanishing);
  EXPECT_EQ(sick.confidence, Confidence::low);
}

TEST(Diagnosis, OneLayerHasNoSlope) {
  const Diagnosis d = diagnose(history_of(1, 400, falling));
  EXPECT_EQ(d.verdict, Verdict::healthy);
  EXPECT_TRUE(std::isnan(d.measures.depth.value));
  EXPECT_THAT(explain(d), ::testing::Not(HasSubstr("nan")));
}

TEST(Diagnosis, RefusesNoOrUnequalSeries) {
  EXPECT_THROW(diagnose(NormHistory()), ShapeError);
  EXPECT_THROW(diagnose(history_of(2, 0, falling)), ShapeError);
  NormHistory unequal = history_of(2, 3, falling);
  unequal.layers[1].add(1);
  EXPECT_THROW(diagnose(unequal), ShapeError);
}

}  // namespace
}  // namespace ravine
