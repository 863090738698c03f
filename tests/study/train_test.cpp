#include "ravine/study/train.hpp"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/record/csv_table.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_dataset.hpp"

namespace ravine {
namespace {

using testing::TemporaryFolder;

/// Trains on three images, one a step.
class Train : public ::testing::Test {
 protected:
  Train() {
    std::filesystem::create_directory(folder_ / "data");
    testing::write_tiny_dataset(folder_ / "data");
    config_.data = (folder_ / "data").string();
    config_.network.hidden = {4, 3};
    config_.batch_size = 1;
    config_.epochs = 4;
    context_.team = &team_;
  }

  StudyOutcome run(const std::string& name) {
    context_.folder = folder_ / name;
    std::filesystem::create_directory(context_.folder);
    return run_train(config_, context_);
  }
  std::string weights(const std::string& name) const {
    return read_file(folder_ / name / "arrays.npz");
  }

  TemporaryFolder folder_;
  ThreadTeam team_{2};
  StudyContext context_;
  TrainConfig config_;
};

// A step asks for a signal before its update and once it is shown; the first, at which nobody
// looks, only then.
TEST_F(Train, ASignalStopsItWhereNoUpdateIsMadeUnseen) {
  config_.epochs = 1;
  run("one epoch");
  config_.epochs = 4;
  for (int answer = 1; answer < 9; ++answer) {
    SCOPED_TRACE(answer);
    int asked = 0;
    context_.interrupted = [&] { return ++asked >= answer; };
    const std::string name = fmt::format("signal {}", answer);
    const StudyOutcome outcome = run(name);
    const std::int64_t steps = answer == 1 ? 0 : (answer + 1) / 2;
    EXPECT_EQ(outcome.termination, Termination::interrupted);
    EXPECT_EQ(outcome.manifest["results"]["steps"], steps);
    EXPECT_EQ(CsvTable::read(folder_ / name / "steps.csv").row_count(),
              static_cast<std::size_t>(steps + 1));
    if (steps == 3) {
      EXPECT_EQ(weights(name), weights("one epoch"));
    }
  }
}

TEST_F(Train, WhatExplodesIsLeftWhereItWasStillFiniteWhoeverLooksOn) {
  config_.network.loss = Loss::mse;
  config_.network.activation = Activation::identity;
  config_.network.hidden = {32, 32, 32};
  for (const double gain : {2.0, 3.0, 4.0, 5.0}) {
    for (const double rate : {0.05, 0.1, 0.2}) {
      const std::string name = fmt::format("gain {} rate {}", gain, rate);
      SCOPED_TRACE(name);
      config_.gain = gain;
      config_.learning_rate = rate;
      config_.sharpness_every = 0;
      const StudyOutcome unseen = run(name);
      EXPECT_EQ(unseen.termination, Termination::diverged);
      config_.sharpness_every = 1;
      const StudyOutcome seen = run(name + " seen");
      EXPECT_EQ(seen.manifest["results"]["steps"], unseen.manifest["results"]["steps"]);
      EXPECT_EQ(weights(name), weights(name + " seen"));
    }
  }
}

}  // namespace
}  // namespace ravine
