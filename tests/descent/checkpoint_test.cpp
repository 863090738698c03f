#include "ravine/descent/checkpoint.hpp"

#include <filesystem>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/descent/gradient_cosine.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/quadratic.hpp"
#include "ravine/optimizer/rule_catalogue.hpp"
#include "support/bits.hpp"
#include "support/bowls.hpp"
#include "support/ensembles.hpp"
#include "support/error_of.hpp"
#include "support/recorder.hpp"
#include "support/temporary_folder.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
using testing::RecordedStep;
using testing::Recorder;
using testing::same_bits;
using testing::TemporaryFolder;

DescentOptions twelve_steps() {
  DescentOptions options;
  options.max_steps = 12;
  options.learning_rate = 0.1;
  options.divergence_factor = 10;
  return options;
}

Quadratic bowl() { return {{1, 3, 0.5}, {1, -2, 4}}; }

struct Descent {
  std::vector<double> parameters = {5, 5, 5};
  Recorder<double> recorder;
  RunResult result;
};

template <class Rule>
Descent descended(const Rule& rule, const DescentOptions& options, bool looks = true) {
  Descent descent;
  descent.recorder.looks = looks;
  descent.recorder.compares = true;
  descent.recorder.weighs = true;
  ThreadTeam team(2);
  const Quadratic objective = bowl();
  Observer<double>* const observers[] = {&descent.recorder};
  descent.result =
      descend(objective, rule, std::span(descent.parameters), options, observers, team);
  return descent;
}

void expect_training_rules_to_go_on(bool looks) {
  const TemporaryFolder folder;
  for (const RuleEntry& entry : training_rules()) {
    const TrainingRule rule = training_rule({std::string(entry.name), {}});
    DescentOptions options = twelve_steps();
    options.checkpoints = {1, [&, count = 0](const StateArchive& state) mutable {
                             state.write(folder / fmt::format("{}.npz", ++count));
                           }};
    const auto run = [&] {
      return std::visit([&](const auto& it) { return descended(it, options, looks); }, rule);
    };
    const Descent whole = run();
    for (const int from : {1, 5, 12}) {
      StateArchive state = StateArchive::read(folder / fmt::format("{}.npz", from));
      options.checkpoints = {0, [](const StateArchive&) {}, &state};
      const Descent rest = run();
      EXPECT_TRUE(same_bits(rest.parameters, whole.parameters)) << entry.name << " from " << from;
      EXPECT_EQ(rest.result.steps, 12);
      EXPECT_EQ(rest.result.message, whole.result.message);
      ASSERT_EQ(rest.recorder.steps.size(), whole.recorder.steps.size() - from);
      const RecordedStep<double>& next = rest.recorder.steps.front();
      EXPECT_EQ(next.step, from);
      EXPECT_EQ(next.gradient_products, whole.recorder.steps[from].gradient_products);
      EXPECT_EQ(next.parameter_norms, whole.recorder.steps[from].parameter_norms);
      EXPECT_EQ(next.update_norms, whole.recorder.steps[from].update_norms);
      EXPECT_TRUE(
          same_bits(rest.recorder.steps.back().gradient, whole.recorder.steps.back().gradient));
    }
  }
}

TEST(Checkpoint, EveryTrainingRuleGoesOnFromAnyStepToTheSameBits) {
  expect_training_rules_to_go_on(true);
}

TEST(Checkpoint, EveryTrainingRuleGoesOnWhereNobodyLooksBeforeUpdates) {
  expect_training_rules_to_go_on(false);
}

TEST(Checkpoint, IsKeptAtOnceByADescentThatGoesOn) {
  const TemporaryFolder folder;
  DescentOptions options = twelve_steps();
  options.checkpoints = {5, [&](const StateArchive& state) { state.write(folder / "c.npz"); }};
  descended(GradientDescent{}, options);
  StateArchive state = StateArchive::read(folder / "c.npz");
  std::vector<StateArchive> kept;
  options.checkpoints = {5, [&](const StateArchive& again) { kept.push_back(again); }, &state};
  descended(GradientDescent{}, options);
  ASSERT_EQ(kept.size(), 1U) << "10 steps were made before, no other checkpoint is due";
  kept[0].write(folder / "again.npz");
  StateArchive again = StateArchive::read(folder / "again.npz");
  std::int64_t step = 0;
  again.number("step", step);
  EXPECT_EQ(step, 10);
}

TEST(Checkpoint, RemembersTheFirstLossThatDivergenceIsMeasuredBy) {
  const TemporaryFolder folder;
  DescentOptions options = twelve_steps();
  options.learning_rate = 0.9;  // over 2/3: grows along the second coordinate
  options.checkpoints = {2, [&](const StateArchive& state) { state.write(folder / "c.npz"); }};
  const Descent whole = descended(GradientDescent{}, options);
  ASSERT_EQ(whole.result.termination, Termination::diverged);
  StateArchive state = StateArchive::read(folder / "c.npz");
  options.checkpoints = {0, [](const StateArchive&) {}, &state};
  const Descent rest = descended(GradientDescent{}, options);
  EXPECT_EQ(rest.result.message, whole.result.message);
}

// Three factors of one sensing problem: the first goes on, the second is stopped at step 2, the
// third begins so far out that plain steps diverge.
struct Factors {
  std::vector<double> parameters;
  RunResult result;
};

template <class Rule>
Factors descended_factors(const Rule& rule, int threads, const DescentOptions& options) {
  static constexpr std::size_t kDimension = 5, kRank = 2, kMeasurements = 30;
  const MeasurementEnsemble ensemble = testing::ensemble_of<double>(kDimension, kMeasurements);
  const std::vector<double> values = testing::normals(kMeasurements, "values");
  const std::vector<std::string> names = {"near", "stopped", "far"};
  ThreadTeam team(threads);
  MatrixSensing objective(ensemble, values, kRank, names, team);
  Factors factors{testing::normals(objective.layout().size(), "start"), {}};
  const std::size_t size = kDimension * kRank;
  for (double& entry : std::span(factors.parameters).last(size)) entry *= 30;
  Recorder<double> recorder;
  recorder.when_step = [](const StepEvent<double>& event, StopRequests& requests) {
    if (event.step == 2) requests.stop_member(1, Termination::stopped, "seen \"enough\"\n\xc3\xa9");
  };
  Observer<double>* const observers[] = {&recorder};
  factors.result =
      descend(objective, rule, std::span(factors.parameters), options, observers, team);
  return factors;
}

void expect_same(const Factors& got, const Factors& expected, std::string_view rule) {
  EXPECT_TRUE(same_bits(got.parameters, expected.parameters)) << rule;
  for (std::size_t k = 0; k < expected.result.members.size(); ++k) {
    const MemberResult& one = got.result.members[k];
    const MemberResult& other = expected.result.members[k];
    EXPECT_EQ(one.termination, other.termination) << rule;
    EXPECT_EQ(one.message, other.message) << rule;
    EXPECT_EQ(one.steps, other.steps) << rule;
    EXPECT_TRUE(same_bits(std::span(&one.loss, 1), std::span(&other.loss, 1))) << rule;
    EXPECT_TRUE(same_bits(std::span(&one.gradient_norm, 1), std::span(&other.gradient_norm, 1)))
        << rule;
  }
  EXPECT_EQ(got.result.message, expected.result.message) << rule;
}

TEST(Checkpoint, EverySensingRuleGoesOnWithMembersThatEndedAndOnesThatDidNot) {
  const TemporaryFolder folder;
  for (const RuleEntry& entry : sensing_rules()) {
    DescentOptions options = twelve_steps();
    options.learning_rate = 0.02;
    options.checkpoints = {1, [&, count = 0](const StateArchive& state) mutable {
                             state.write(folder / fmt::format("{}.npz", ++count));
                           }};
    const auto run = [&](int threads) {
      return std::visit([&](const auto& it) { return descended_factors(it, threads, options); },
                        sensing_rule({std::string(entry.name), {}}));
    };
    const Factors whole = run(1);
    EXPECT_EQ(whole.result.members[0].termination, Termination::max_steps) << entry.name;
    if (entry.name == "gd") {
      EXPECT_EQ(whole.result.members[2].termination, Termination::diverged);
    }
    for (const int from : {1, 2, 3, 7, 12}) {
      StateArchive state = StateArchive::read(folder / fmt::format("{}.npz", from));
      options.checkpoints = {0, [](const StateArchive&) {}, &state};
      const Factors rest = run(3);
      expect_same(rest, whole, entry.name);
      EXPECT_EQ(rest.result.resumed_after, std::vector<std::int64_t>{from});
    }
  }
}

TEST(Checkpoint, RefusesAStepBeyondTheEndAndAnotherRule) {
  DescentOptions options = twelve_steps();
  const TemporaryFolder folder;
  options.checkpoints = {1, [&](const StateArchive& state) { state.write(folder / "c.npz"); }};
  descended(GradientDescent{}, options);
  StateArchive state = StateArchive::read(folder / "c.npz");
  options.checkpoints.resume_from = &state;
  options.max_steps = 11;
  EXPECT_THAT(error_of<DataError>([&] { descended(GradientDescent{}, options); }),
              HasSubstr("step: expected 0 to 11, got 12"));
  EXPECT_THAT(error_of<DataError>([&] { descended(Momentum{}, options); }), HasSubstr("rule"));
  EXPECT_THAT(error_of<DataError>([&] { descended(Lbfgs{}, options); }), HasSubstr("walk1"));
}

TEST(Checkpoint, RefusesATerminationThatThereIsNotAndAnEndedDescent) {
  const TemporaryFolder folder;
  const auto refusal = [&](std::int64_t termination) {
    detail::LoopState loop;
    RunResult result;
    result.members.resize(1);
    StateArchive saved;
    detail::exchange_loop(saved, loop, 0, result);
    const StateArchive::Scope scope = saved.enter("member1");
    saved.number("termination", termination);
    saved.write(folder / "c.npz");
    StateArchive state = StateArchive::read(folder / "c.npz");
    return error_of<DataError>([&] {
      detail::exchange_loop(state, loop, 0, result);
      detail::check(loop, result, 12);
    });
  };
  EXPECT_THAT(refusal(99), HasSubstr("termination: expected 0 to 7, got 99"));
  EXPECT_THAT(refusal(static_cast<std::int64_t>(Termination::converged)), HasSubstr("none yet"));
}

}  // namespace
}  // namespace ravine
