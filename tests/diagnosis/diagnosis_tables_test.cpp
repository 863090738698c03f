#include <cmath>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/diagnosis/diagnosis.hpp"
#include "ravine/diagnosis/explanation.hpp"
#include "support/norm_histories.hpp"

namespace ravine {
namespace {

using ::ravine::testing::add_losses;
using ::ravine::testing::falling;
using ::ravine::testing::history_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// Healthy norms beside a loss that is NaN from one step to another.
NormHistory broken_loss(int from, int to, double growth = 0) {
  NormHistory history = history_of(3, 200, [&](double l, int s) {
    return falling(l, s) * std::pow(10, s < from - 4 || s >= from ? 0 : growth);
  });
  for (int s = 0; s < 200; ++s) history.add_loss(s >= from && s < to ? NAN : 2.3 - s * 0.01, s);
  return history;
}

TEST(DiagnosisTables, ALossThatIsNotFiniteIsAnExplosion) {
  for (const int from : {100, 199}) {
    const Diagnosis d = diagnose(broken_loss(from, 200));
    EXPECT_EQ(d.verdict, Verdict::exploding);
    EXPECT_EQ(d.confidence, Confidence::high);
    EXPECT_THAT(d.reasons[0], HasSubstr("the loss is not a finite number at step " +
                                        std::to_string(from) + ": training diverged"));
    EXPECT_THAT(d.cause, Not(HasSubstr("overshoots")));
  }
  EXPECT_THAT(diagnose(broken_loss(100, 200, 2)).cause, HasSubstr("overshoots"))
      << "the norms grew before";
  EXPECT_THAT(diagnose(broken_loss(0, 200)).cause, HasSubstr("before any step was made"));
}

TEST(DiagnosisTables, ValuesThatBreakInPassingAreNotBlamedOnTheSteps) {
  const Diagnosis loss = diagnose(broken_loss(50, 51));
  EXPECT_EQ(loss.verdict, Verdict::exploding);
  EXPECT_EQ(loss.confidence, Confidence::medium);
  const Diagnosis d = diagnose(history_of(
      3, 2000, [](double l, int s) { return l == 1 && s == 999 ? NAN : falling(l, s); }));
  EXPECT_EQ(d.verdict, Verdict::exploding);
  EXPECT_EQ(d.confidence, Confidence::medium);
  EXPECT_THAT(d.reasons[0], HasSubstr("first that of layer2 at step 1000; those around"));
  EXPECT_THAT(d.cause, HasSubstr("gradient scaler"));
  EXPECT_THAT(d.cause, Not(HasSubstr("overshoots")));
}

TEST(DiagnosisTables, TheTextSaysWhatTheLossDid) {
  const auto reasons_of = [](double first, double last, double blind) {
    NormHistory history = history_of(3, 100, [](double, int) { return 0.5; });
    history.blind_loss = blind;
    history.add_loss(first);
    for (int s = 1; s < 100; ++s) history.add_loss(last);
    return diagnose(history).reasons;
  };
  const auto stays = HasSubstr("stays where it was");
  EXPECT_THAT(reasons_of(2.35, 50, NAN), ElementsAre(HasSubstr("ends at 50, above its start")));
  EXPECT_THAT(reasons_of(2.3, 2.5, NAN), ElementsAre(HasSubstr("rose from 2.3 to 2.5")));
  EXPECT_THAT(reasons_of(20, 2.303, std::log(10)),
              ElementsAre(HasSubstr("fell from 20 to 2.303, only to that of a blind guess")));
  EXPECT_THAT(reasons_of(20, 2.5, std::log(10)), ElementsAre(HasSubstr("still above")));
  EXPECT_THAT(reasons_of(2.3, 2.3, std::log(10)), ElementsAre(stays));
}

TEST(DiagnosisTables, AnEndLayerThatIsOddIsNamedAndNoOther) {
  const auto with_tiny = [](double odd) {
    return diagnose(history_of(6, 200, [=](double l, int) { return l == odd ? 5e-7 : 0.5; }));
  };
  for (const double odd : {0.0, 5.0}) {
    const Diagnosis d = with_tiny(odd);
    const std::string name = odd == 0 ? "layer1" : "layer6";
    EXPECT_EQ(d.verdict, odd == 0 ? Verdict::vanishing : Verdict::exploding);
    EXPECT_EQ(d.confidence, Confidence::medium);
    EXPECT_THAT(d.layers, ElementsAre(name));
    EXPECT_THAT(d.reasons[0], HasSubstr(name + " alone differs"));
    EXPECT_THAT(d.reasons[0], Not(HasSubstr("a layer on its way back")));
    EXPECT_THAT(d.cause, HasSubstr(name + " differs from the other layers"));
    EXPECT_THAT(d.advice[0].action, HasSubstr(name));
  }
}

TEST(DiagnosisTables, GrowthTowardsTheInputOfATableMayBeItsOrder) {
  NormHistory history =
      history_of(6, 200, [](double l, int) { return 0.5 * std::pow(10, -0.7 * l); });
  EXPECT_THAT(diagnose(history).cause, Not(HasSubstr("table")));
  history.order_of_table = true;
  const Diagnosis d = diagnose(history);
  EXPECT_EQ(d.verdict, Verdict::exploding);
  EXPECT_THAT(d.cause, HasSubstr("from the output to the input"));
  EXPECT_THAT(d.advice[0].action, HasSubstr("from the input to the output"));
}

TEST(DiagnosisTables, LayersOutOfLineAreRemarkedOnAndMakeHealthUncertain) {
  const auto healthy_with = [](const std::function<double(double, int)>& norm) {
    NormHistory history = history_of(5, 400, norm);
    add_losses(history, 400, 2.3, 0.2);
    const Diagnosis d = diagnose(history);
    EXPECT_EQ(d.verdict, Verdict::healthy);
    EXPECT_EQ(d.confidence, Confidence::medium);
    return d.reasons;
  };
  EXPECT_THAT(healthy_with([](double l, int s) { return falling(l, s) * (l == 2 ? 1e-6 : 1); }),
              Contains(HasSubstr("the norm of layer3 is")));
  EXPECT_THAT(healthy_with([](double l, int s) { return l == 1 && s >= 370 ? 0 : falling(l, s); }),
              Contains(HasSubstr("the gradient of layer2 is exactly zero in the last 30 steps")));
  EXPECT_THAT(healthy_with([](double l, int s) { return s % 2 == 0 ? 0 : falling(l, s); }),
              Contains(HasSubstr("layer1, layer2, layer3 and 2 more is exactly zero at 50 %")));
}

TEST(DiagnosisTables, ZerosAndNonFiniteNormsAreLeftOutOfRatiosAndSlopes) {
  const Diagnosis back =
      diagnose(history_of(6, 200, [](double l, int) { return l < 3 ? 0.5 : 0.0; }));
  EXPECT_NEAR(back.measures.first_to_last_ratio, 1, 0.1);
  EXPECT_NEAR(back.measures.depth.value, 0, 0.05);
  EXPECT_THAT(back.reasons, Not(Contains(HasSubstr("a layer on its way"))));
  const Diagnosis front =
      diagnose(history_of(6, 200, [](double l, int) { return l < 3 ? 0.0 : 0.5; }));
  EXPECT_EQ(front.verdict, Verdict::dead);
  EXPECT_THAT(front.reasons, Not(Contains(HasSubstr("a layer on its way"))));
  const Diagnosis none = diagnose(history_of(6, 200, [](double, int) { return NAN; }));
  EXPECT_TRUE(std::isnan(none.measures.first_to_last_ratio));
  EXPECT_TRUE(std::isnan(none.measures.layers[0].median));
  for (const Diagnosis& d : {back, front, none}) {
    EXPECT_THAT(explain(d), Not(HasSubstr("nan")));
    EXPECT_THAT(explain(d), Not(HasSubstr("inf")));
  }
}

}  // namespace
}  // namespace ravine
