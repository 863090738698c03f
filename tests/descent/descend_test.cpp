#include "ravine/descent/descend.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/objective/quadratic.hpp"
#include "support/bowls.hpp"
#include "support/descents.hpp"
#include "support/error_of.hpp"
#include "support/recorder.hpp"

namespace ravine {
namespace {

using testing::Bowls;
using ::testing::ElementsAre;
using testing::error_of;
using testing::RecordedStep;
using testing::Recorder;
using testing::run;
using testing::steps_at_rate;

TEST(RunResult, SaysByDefaultThatItNeverRan) {
  const RunResult result;
  EXPECT_EQ(result.termination, Termination::not_started);
  EXPECT_EQ(result.message, "run was not started");
  EXPECT_EQ(MemberResult().message, "run was not started");
}

TEST(RunResult, TerminationsHaveTheNamesOfTheManifest) {
  EXPECT_EQ(name_of(Termination::not_started), "not_started");
  EXPECT_EQ(name_of(Termination::max_steps), "max_steps");
  EXPECT_EQ(name_of(Termination::target_reached), "target_reached");
  EXPECT_EQ(name_of(Termination::converged), "converged");
  EXPECT_EQ(name_of(Termination::diverged), "diverged");
  EXPECT_EQ(name_of(Termination::stopped), "stopped");
  EXPECT_EQ(name_of(Termination::interrupted), "interrupted");
}

TEST(Descend, FollowsTheClosedFormOnAQuadratic) {
  const std::vector<double> h = {3, 1, 0.1, 0}, minimiser = {1, -2, 5, 0}, start = {4, 4, 4, 4};
  Quadratic quadratic(h, minimiser);
  std::vector<double> w = start;
  Recorder<double> recorder;
  constexpr double kEta = 0.4;
  (void)run(quadratic, w, steps_at_rate(60, kEta), {&recorder});
  ASSERT_EQ(recorder.steps.size(), 61U);
  for (const RecordedStep<double>& step : recorder.steps) {
    double loss = 0, square = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double error =
          std::pow(1 - kEta * h[i], static_cast<double>(step.step)) * (start[i] - minimiser[i]);
      ASSERT_NEAR(step.parameters[i], minimiser[i] + error, 1e-13);
      loss += h[i] / 2 * error * error;
      square += h[i] * h[i] * error * error;
    }
    ASSERT_NEAR(step.losses[0], loss, 1e-13);
    ASSERT_NEAR(step.gradient_norms[0], std::sqrt(square), 1e-13);
  }
}

TEST(Descend, ConvergesBelowTwoOverTheLargestCurvatureAndDivergesAboveIt) {
  for (const double factor : {0.99, 1.01}) {
    Quadratic quadratic({4, 1}, {0, 0});
    std::vector<double> w = {1, 1};
    DescentOptions options = steps_at_rate(10'000, factor * 2 / 4);
    options.gradient_tolerance = 1e-10;
    options.divergence_factor = 1e6;
    const RunResult result = run(quadratic, w, options);
    EXPECT_EQ(result.termination, factor < 1 ? Termination::converged : Termination::diverged);
  }
}

TEST(Descend, AtTwoOverTheCurvatureOscillatesForEver) {
  Quadratic quadratic({4}, {0});
  std::vector<double> w = {1};
  DescentOptions options = steps_at_rate(1001, 0.5);
  options.gradient_tolerance = 1e-10;
  options.divergence_factor = 1.5;
  EXPECT_EQ(run(quadratic, w, options).termination, Termination::max_steps);
  EXPECT_EQ(w[0], -1);
}

TEST(Descend, CountsStepsAndEvaluations) {
  for (const bool last : {true, false}) {
    for (const std::int64_t steps : {0, 1, 7}) {
      Bowls bowls({1});
      std::vector<double> w = {1};
      Recorder<double> recorder;
      DescentOptions options = steps_at_rate(steps, 0.5);
      options.evaluate_last_point = last;
      const RunResult result = run(bowls, w, options, {&recorder});
      EXPECT_EQ(result.termination, Termination::max_steps);
      EXPECT_EQ(result.message, "all " + std::to_string(steps) + " steps were made");
      EXPECT_EQ(result.steps, steps);
      EXPECT_EQ(result.members[0].steps, steps);
      EXPECT_EQ(w[0], std::pow(0.5, steps));
      EXPECT_EQ(bowls.evaluations, steps + (last ? 1 : 0));
      ASSERT_EQ(recorder.steps.size(), static_cast<std::size_t>(bowls.evaluations));
      for (std::size_t i = 0; i < recorder.steps.size(); ++i) {
        EXPECT_EQ(recorder.steps[i].step, static_cast<std::int64_t>(i));
        EXPECT_EQ(recorder.steps[i].learning_rate, 0.5);
        EXPECT_EQ(recorder.steps[i].parameters[0], std::pow(0.5, static_cast<double>(i)));
      }
    }
  }
}

TEST(Descend, ReportsTheLastEvaluation) {
  for (const bool last : {true, false}) {
    Bowls bowls({1});
    std::vector<double> w = {1};
    DescentOptions options = steps_at_rate(3, 0.5);
    options.evaluate_last_point = last;
    const MemberResult member = run(bowls, w, options).members[0];
    const double point = last ? 0.125 : 0.25;
    EXPECT_EQ(member.loss, point * point / 2);
    EXPECT_EQ(member.gradient_norm, point);
  }
}

TEST(Descend, MeasuresTimeInOrder) {
  Bowls bowls({1});
  std::vector<double> w = {1};
  Recorder<double> recorder;
  const RunResult result = run(bowls, w, steps_at_rate(20, 0.5), {&recorder});
  double before = 0;
  for (const RecordedStep<double>& step : recorder.steps) {
    EXPECT_GE(step.elapsed_seconds, before);
    before = step.elapsed_seconds;
  }
  EXPECT_GE(result.elapsed_seconds, before);
}

TEST(Descend, MembersEndOneByOneAndStayWhereTheyEnded) {
  // At rate 1 a bowl of curvature h is multiplied by 1 - h: member 0 diverges, 1 converges at once,
  // 2 converges later, 3 goes on to the end.
  Bowls bowls({-9, 1, 0.5, 0.01});
  std::vector<double> w = {1, 1, 1, 1};
  Recorder<double> recorder;
  DescentOptions options = steps_at_rate(50, 1);
  options.gradient_tolerance = 1e-3;
  options.divergence_factor = 0;
  recorder.when_step = [](const StepEvent<double>& event, StopRequests& requests) {
    if (event.step == 3) requests.stop_member(0, Termination::stopped, "seen enough");
  };
  const RunResult result = run(bowls, w, options, {&recorder});
  const std::vector<MemberResult>& members = result.members;
  EXPECT_EQ(members[0].termination, Termination::stopped);
  EXPECT_EQ(members[0].message, "seen enough");
  EXPECT_EQ(members[0].steps, 3);
  EXPECT_EQ(w[0], 1000);
  EXPECT_EQ(members[1].termination, Termination::converged);
  EXPECT_EQ(members[1].steps, 1);
  EXPECT_EQ(w[1], 0);
  EXPECT_EQ(members[2].termination, Termination::converged);
  EXPECT_EQ(members[2].steps, 9);  // 0.5 * 0.5^9 is the first gradient below 1e-3
  EXPECT_EQ(w[2], std::pow(0.5, 9));
  EXPECT_EQ(members[2].gradient_norm, std::pow(0.5, 10));
  EXPECT_EQ(members[3].termination, Termination::max_steps);
  EXPECT_EQ(members[3].steps, 50);
  EXPECT_NEAR(w[3], std::pow(0.99, 50), 1e-15);
  EXPECT_EQ(result.steps, 50);
  EXPECT_THAT(recorder.steps[0].active, ElementsAre(1, 1, 1, 1));
  EXPECT_THAT(recorder.steps[2].active, ElementsAre(1, 0, 1, 1));
  EXPECT_THAT(recorder.steps[4].active, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(recorder.steps[10].active, ElementsAre(0, 0, 0, 1));
}

TEST(Descend, StopsWhenTheLastMemberEnds) {
  Bowls bowls({1, 0.5});
  std::vector<double> w = {1, 1};
  DescentOptions options = steps_at_rate(1000, 1);
  options.gradient_tolerance = 1e-3;
  const RunResult result = run(bowls, w, options);
  EXPECT_EQ(result.termination, Termination::converged);
  EXPECT_EQ(result.message, "gradient norm 0.000977 after 9 steps is within 0.001");
  EXPECT_EQ(result.steps, 9);
  EXPECT_EQ(bowls.evaluations, 10);
}

TEST(Descend, DivergenceIsALossAFactorOverItsStart) {
  Bowls bowls({11, 0.5});
  std::vector<double> w = {1, 1};
  DescentOptions options = steps_at_rate(20, 1);
  options.divergence_factor = 1e6;
  const RunResult result = run(bowls, w, options);
  // The loss grows by (1 - 11)^2 = 100 a step: 1e6 times is not yet over 1e6 times, 1e8 times is.
  EXPECT_EQ(result.members[0].termination, Termination::diverged);
  EXPECT_EQ(result.members[0].steps, 4);
  EXPECT_EQ(result.members[0].message,
            "loss 5.5e+08 after 4 steps is over 1e+06 times its start 5.5");
  EXPECT_EQ(w[0], 10'000);
  EXPECT_EQ(result.members[1].termination, Termination::max_steps);
  EXPECT_EQ(result.termination, Termination::max_steps) << "one member went on";
}

TEST(Descend, ALossBelowZeroOrThatStartedAtZeroHasNoFactorToExceed) {
  DescentOptions options = steps_at_rate(2, 1);
  options.divergence_factor = 2;
  Bowls falling({-9});
  std::vector<double> w = {1};
  EXPECT_EQ(run(falling, w, options).termination, Termination::max_steps);
  Quadratic saddle({4, -1}, {0, 0});
  std::vector<double> level = {1, 2};  // losses 0, 10, 130
  EXPECT_EQ(run(saddle, level, options).termination, Termination::max_steps);
}

TEST(Descend, DivergedSpeaksForTheRunWhenAllMembersDiverged) {
  Bowls bowls({11, 101});
  std::vector<double> w = {1, 1};
  DescentOptions options = steps_at_rate(100, 1);
  options.divergence_factor = 1e6;
  EXPECT_EQ(run(bowls, w, options).termination, Termination::diverged);
}

TEST(Descend, WithoutAFactorOnlyNonFiniteNumbersDiverge) {
  Bowls bowls({11});
  std::vector<double> w = {1};
  const RunResult result = run(bowls, w, steps_at_rate(10'000, 1));
  EXPECT_EQ(result.termination, Termination::diverged);
  // The loss 5.5 * 100^t leaves the range of doubles after 154 steps.
  EXPECT_EQ(result.message, "loss or gradient not finite after 154 steps");
  EXPECT_EQ(result.steps, 154);
  EXPECT_TRUE(std::isfinite(w[0]));
}

TEST(Descend, AStartThatIsNotFiniteDivergesBeforeAnyStep) {
  Bowls bowls({1, 1});
  std::vector<double> w = {std::numeric_limits<double>::quiet_NaN(), 1};
  const RunResult result = run(bowls, w, steps_at_rate(5, 0.5));
  EXPECT_EQ(result.members[0].termination, Termination::diverged);
  EXPECT_EQ(result.members[0].steps, 0);
  EXPECT_EQ(result.members[1].termination, Termination::max_steps);
}

TEST(Descend, TheFirstRequestForAMemberStands) {
  Bowls bowls({0.1});
  std::vector<double> w = {1};
  Recorder<double> first, second;
  first.when_step = [](const StepEvent<double>& event, StopRequests& requests) {
    if (event.step == 4) requests.stop_all(Termination::target_reached, "near enough");
  };
  second.when_step = [](const StepEvent<double>& event, StopRequests& requests) {
    if (event.step == 4) requests.stop_all(Termination::interrupted, "Ctrl-C");
  };
  const RunResult result = run(bowls, w, steps_at_rate(100, 1), {&first, &second});
  EXPECT_EQ(result.termination, Termination::target_reached);
  EXPECT_EQ(result.message, "near enough");
  EXPECT_EQ(result.steps, 4);
  EXPECT_EQ(first.steps.size(), 5U);
  EXPECT_EQ(second.steps.size(), 5U) << "all observers see the last event";
}

TEST(Descend, ARequestAtTheLastPointStandsBeforeTheStepLimit) {
  Bowls bowls({0.1});
  std::vector<double> w = {1};
  Recorder<double> recorder;
  recorder.when_step = [](const StepEvent<double>& event, StopRequests& requests) {
    if (event.step == 5) requests.stop_all(Termination::target_reached, "there");
  };
  const RunResult result = run(bowls, w, steps_at_rate(5, 1), {&recorder});
  EXPECT_EQ(result.termination, Termination::target_reached);
  EXPECT_EQ(result.steps, 5);
}

TEST(Descend, EpochsEndAfterTheirLastUpdate) {
  Bowls bowls({1});
  std::vector<double> w = {1};
  Recorder<double> recorder;
  DescentOptions options = steps_at_rate(7, 0.5);
  options.steps_per_epoch = 3;
  (void)run(bowls, w, options, {&recorder});
  EXPECT_THAT(recorder.epochs, ElementsAre(0, 1));
  EXPECT_EQ(recorder.epoch_parameters[0][0], std::pow(0.5, 3));
  EXPECT_EQ(recorder.epoch_parameters[1][0], std::pow(0.5, 6));
  std::vector<std::int64_t> epochs;
  for (const RecordedStep<double>& step : recorder.steps) epochs.push_back(step.epoch);
  EXPECT_THAT(epochs, ElementsAre(0, 0, 0, 1, 1, 1, 2, 2));
}

TEST(Descend, MayBeStoppedAtTheEndOfAnEpoch) {
  Bowls bowls({1});
  std::vector<double> w = {1};
  Recorder<double> recorder;
  recorder.when_epoch = [](const EpochEvent<double>& event, StopRequests& requests) {
    if (event.epoch == 1) requests.stop_all(Termination::interrupted, "by a signal");
  };
  DescentOptions options = steps_at_rate(100, 0.5);
  options.steps_per_epoch = 2;
  options.evaluate_last_point = false;
  const RunResult result = run(bowls, w, options, {&recorder});
  EXPECT_EQ(result.termination, Termination::interrupted);
  EXPECT_EQ(result.message, "by a signal");
  EXPECT_EQ(result.steps, 4);
  EXPECT_EQ(bowls.evaluations, 4);
  EXPECT_EQ(w[0], std::pow(0.5, 4));
}

TEST(Descend, RefusesParametersOfTheWrongSize) {
  Bowls bowls({1, 1});
  std::vector<double> w = {1};
  EXPECT_EQ(error_of<ShapeError>([&] { (void)run(bowls, w, {}); }),
            "[descend] parameters: expected 2 numbers, got 1");
}

}  // namespace
}  // namespace ravine
