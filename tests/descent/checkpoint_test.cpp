#include "ravine/descent/checkpoint.hpp"

#include <filesystem>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/descent/gradient_cosine.hpp"
#include "ravine/descent/weight_change.hpp"
#include "ravine/objective/quadratic.hpp"
#include "ravine/optimizer/rule_catalogue.hpp"
#include "support/bits.hpp"
#include "support/bowls.hpp"
#include "support/error_of.hpp"
#include "support/recorder.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using testing::error_of;
using ::testing::HasSubstr;
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
Descent descended(const Rule& rule, const DescentOptions& options) {
  Descent descent;
  ThreadTeam team(2);
  const Quadratic objective = bowl();
  Observer<double>* const observers[] = {&descent.recorder};
  descent.result =
      descend(objective, rule, std::span(descent.parameters), options, observers, team);
  return descent;
}

TEST(Checkpoint, EveryEntrywiseRuleGoesOnFromAnyStepToTheSameBits) {
  const TemporaryFolder folder;
  for (const RuleEntry& entry : training_rules()) {
    const TrainingRule rule = training_rule({std::string(entry.name), {}});
    DescentOptions options = twelve_steps();
    options.checkpoints = {1, [&, count = 0](const StateArchive& state) mutable {
                             state.write(folder / fmt::format("{}.npz", ++count));
                           }};
    const auto run = [&] {
      return std::visit([&](const auto& it) { return descended(it, options); }, rule);
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
      EXPECT_EQ(rest.recorder.steps.front().step, from);
      EXPECT_TRUE(
          same_bits(rest.recorder.steps.back().gradient, whole.recorder.steps.back().gradient));
    }
  }
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

TEST(Checkpoint, RefusesWhatItCannotKeepAndAStepBeyondTheEnd) {
  DescentOptions options = twelve_steps();
  options.checkpoints = {1, [](const StateArchive&) {}};
  EXPECT_THAT(error_of<ConfigError>([&] { descended(Lbfgs{}, options); }), HasSubstr("entrywise"));
  const TemporaryFolder folder;
  options.checkpoints.keep = [&](const StateArchive& state) { state.write(folder / "c.npz"); };
  descended(GradientDescent{}, options);
  StateArchive state = StateArchive::read(folder / "c.npz");
  options.checkpoints.resume_from = &state;
  options.max_steps = 11;
  EXPECT_THAT(error_of<DataError>([&] { descended(GradientDescent{}, options); }),
              HasSubstr("step: expected 0 to 11, got 12"));
  EXPECT_THAT(error_of<DataError>([&] { descended(Momentum{}, options); }), HasSubstr("rule"));
}

}  // namespace
}  // namespace ravine
