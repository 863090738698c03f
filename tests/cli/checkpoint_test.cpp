#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/record/run_record.hpp"
#include "support/interrupted_runs.hpp"
#include "support/program_runs.hpp"

namespace ravine::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

// 6 epochs of 10 steps. A run that is signalled after 25 of them stands still before the 60th, for
// a step's line has over 120 of the 4096 bytes that wait for the reader.
const std::vector<std::string> kSixEpochs = {
    "train",       "--data",   "mnist", "--train-limit", "1280", "--test-limit", "256", "--hidden",
    "24,16,16,16", "--epochs", "6",     "--seed",        "3"};

class ResumedRun : public ::testing::Test, protected ProgramRuns {
 protected:
  std::string out(const std::string& name) const { return (folder_ / name).string(); }

  /// A run with checkpoints into `name` that a signal ends in the middle.
  ProgramResult begin(const std::vector<std::string>& train, const std::string& name,
                      int signal = SIGKILL) {
    return signal_after_steps(
        with(train, {"--checkpoint-every", "1", "--threads", "2", "--out", out(name)}), 25, signal,
        folder_.path().string());
  }

  ProgramResult resume(const std::string& name, const std::vector<std::string>& more = {}) {
    return run_program(with({"train", "--resume", "--out", out(name)}, more));
  }

  /// The hidden folder that a killed run left.
  fs::path leftover(const std::string& name) const { return leftover_of(folder_ / name); }

  void expect_same_after_a_kill(const std::vector<std::string>& train, const std::string& name) {
    const fs::path whole = run(with(train, {"--threads", "1"}), name + "-whole");
    EXPECT_EQ(begin(train, name).exit_code, 128 + SIGKILL);
    EXPECT_FALSE(fs::exists(folder_ / name));
    const ProgramResult rest = resume(name, {"--threads", "3"});
    ASSERT_EQ(rest.exit_code, 0) << rest.err;
    EXPECT_THAT(rest.err, HasSubstr("going on after "));
    expect_same_runs(whole, folder_ / name);
    EXPECT_EQ(leftover(name), "");
  }
};

TEST_F(ResumedRun, AKilledRunGoesOnToTheSameBytesUnderRulesWithAndWithoutState) {
  for (const char* rule : {"sgd", "momentum", "adam"}) {
    expect_same_after_a_kill(with(kSixEpochs, {"--rule", rule}), rule);
  }
}

TEST_F(ResumedRun, ProbesNormalisationDropoutAndClippingGoOnToo) {
  expect_same_after_a_kill(
      with(kSixEpochs, {"--normalisation", "batch", "--dropout", "0.1", "--bias", "--clip-norm",
                        "0.5", "--schedule", "cosine", "--warm-up", "7", "--probe",
                        "signal,activations,weights,updates,cosine", "--rule", "adamw"}),
      "batch");
  expect_same_after_a_kill(with(kSixEpochs, {"--normalisation", "layer", "--loss", "mse", "--probe",
                                             "all", "--probe-every", "4", "--safetensors"}),
                           "layer");
}

TEST_F(ResumedRun, SpectraAndSharpnessGoOnToo) {
  expect_same_after_a_kill(
      with(kSixEpochs, {"--activation", "tanh", "--spectrum", "--spectrum-samples", "40",
                        "--sharpness-every", "7", "--probe", "cosine", "--probe-every", "3"}),
      "examined");
}

TEST_F(ResumedRun, AnInterruptedRunKeepsItsLastCheckpointAndSaysHowToGoOn) {
  const fs::path whole = run(kSixEpochs, "whole");
  const ProgramResult first = begin(kSixEpochs, "i", SIGINT);
  EXPECT_EQ(first.exit_code, 130) << first.err;
  EXPECT_THAT(first.out, HasSubstr("same command with --resume"));
  EXPECT_EQ(read_run(folder_ / "i").text("/termination/reason"), "interrupted");
  EXPECT_TRUE(fs::exists(folder_ / "i/checkpoint.npz"));
  EXPECT_THAT(run_program(with(kSixEpochs, {"--out", out("i")})).err, HasSubstr("--resume"));
  const ProgramResult rest = resume("i");
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_THAT(rest.out, ::testing::Not(HasSubstr("--resume")));
  expect_same_runs(whole, folder_ / "i");
}

TEST_F(ResumedRun, ARunMayBeKilledAndInterruptedAgain) {
  const fs::path whole = run(kSixEpochs, "whole");
  begin(kSixEpochs, "t");
  const std::vector<std::string> again = {"train", "--resume", "--out", out("t")};
  EXPECT_EQ(signal_after_steps(again, 1, SIGKILL, folder_.path().string()).exit_code,
            128 + SIGKILL);
  EXPECT_EQ(signal_after_steps(again, 1, SIGINT, folder_.path().string()).exit_code, 130);
  EXPECT_EQ(leftover("t"), "") << "the interrupted run has the checkpoint now";
  ASSERT_EQ(resume("t").exit_code, 0);
  expect_same_runs(whole, folder_ / "t");
  EXPECT_EQ(read_run(folder_ / "t").array("/resumed_after").size(), 3U);
}

TEST_F(ResumedRun, TheSameCommandMayBeGivenAgainAndOtherOptionsAreRefused) {
  begin(kSixEpochs, "t");
  const auto refusal = [&](const std::vector<std::string>& options, int code) {
    const ProgramResult refused = resume("t", options);
    EXPECT_EQ(refused.exit_code, code) << refused.err;
    EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
    return refused.err;
  };
  EXPECT_THAT(refusal({"--epochs", "7", "--quiet"}, 2),
              HasSubstr("--epochs: expected 6, as the run was begun, got 7"));
  EXPECT_THAT(refusal({"--rule", "adam", "--quiet"}, 2), HasSubstr("rule"));
  EXPECT_THAT(refusal({"--dropout", "0.5", "--quiet"}, 2), HasSubstr("--dropout: expected 0"));
  EXPECT_THAT(refusal({"--seed", "4", "--quiet"}, 2), HasSubstr("--seed: expected 3"));
  EXPECT_FALSE(leftover("t").empty());
  const ProgramResult rest = run_program(with(kSixEpochs, {"--resume", "--out", out("t")}));
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
}

TEST_F(ResumedRun, IsNotThrownAwayByAFreshRunUnlessForced) {
  begin(kSixEpochs, "t");
  const fs::path left = leftover("t");
  const ProgramResult refused = run_program(with(kSixEpochs, {"--out", out("t")}));
  EXPECT_EQ(refused.exit_code, 6);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("left a checkpoint"), HasSubstr("--resume goes on")));
  EXPECT_TRUE(fs::exists(left / "checkpoint.npz"));
  run(kSixEpochs, "t", {"--force"});
  EXPECT_FALSE(fs::exists(left));
  EXPECT_FALSE(read_run(folder_ / "t").has("/resumed_after"));
}

TEST_F(ResumedRun, RefusesARunWithoutOneAndAFinishedOne) {
  const ProgramResult none = resume("nothing");
  EXPECT_EQ(none.exit_code, 6);
  EXPECT_THAT(none.err, HasSubstr("expected a checkpoint to go on from, got none"));
  const fs::path finished = run(kSixEpochs, "t", {"--checkpoint-every", "2"});
  EXPECT_FALSE(fs::exists(finished / "checkpoint.npz"));
  EXPECT_FALSE(fs::exists(finished / "checkpoint.json"));
  EXPECT_THAT(resume("t").err, HasSubstr("got a finished run"));
  signal_after_steps(with(kSixEpochs, {"--out", out("i")}), 5, SIGINT, folder_.path().string());
  EXPECT_THAT(resume("i").err, HasSubstr("got an interrupted run that kept none"));
}

TEST_F(ResumedRun, RefusesWhatWasDamagedOrIsOfAnotherProgram) {
  begin(kSixEpochs, "t");
  const fs::path left = leftover("t");
  const auto refusal = [&](const std::string& file,
                           const std::function<std::string(std::string)>& change) {
    const std::string intact = read_file(left / file);
    write_file_atomically(left / file, change(intact));
    const ProgramResult refused = resume("t", {"--quiet"});
    write_file_atomically(left / file, intact);
    return fmt::format("{} {}", refused.exit_code, refused.err);
  };
  const auto halved = [](std::string text) { return text.substr(0, text.size() / 2); };
  const auto replaced = [](const std::string& from, const std::string& to) {
    return [=](std::string text) { return text.replace(text.find(from), from.size(), to); };
  };
  EXPECT_THAT(refusal("checkpoint.npz", halved), HasSubstr("3 ravine: [npz]"));
  EXPECT_THAT(refusal("checkpoint.npz",
                      [](std::string text) {
                        text[text.size() / 2] ^= 1;
                        return text;
                      }),
              HasSubstr("3 ravine: [npz]"));
  EXPECT_THAT(refusal("checkpoint.json", halved), HasSubstr("3 ravine: [checkpoint]"));
  EXPECT_THAT(
      refusal("checkpoint.json", replaced("instruction_set\": \"", "instruction_set\": \"x")),
      AllOf(HasSubstr("2 ravine: [checkpoint] instruction_set: expected \"x"),
            HasSubstr("begin anew")));
  EXPECT_THAT(refusal("checkpoint.json", replaced("ravine-checkpoint/1", "ravine-checkpoint/2")),
              HasSubstr("2 ravine: [checkpoint] schema"));
  EXPECT_THAT(refusal("steps.csv", [](std::string text) { return text.substr(0, 200); }),
              AllOf(HasSubstr("3 ravine: [checkpoint]"), HasSubstr("changed or cut off")));
  EXPECT_EQ(resume("t").exit_code, 0) << "refusals leave it as it was";
}

TEST_F(ResumedRun, ARunThatStillRunsIsLeftAlone) {
  std::vector<std::string> endless = kSixEpochs;
  *std::next(std::ranges::find(endless, "--epochs")) = "100000";
  Program living(with(endless, {"--checkpoint-every", "1", "--out", out("t")}));
  living.await_error_output("epoch   2/");
  EXPECT_THAT(resume("t").err, HasSubstr("got one that still runs"));
  living.send_signal(SIGINT);
  EXPECT_EQ(living.finish().exit_code, 130);
}

TEST_F(ResumedRun, StopsAsUnhealthyAtTheSameStep) {
  // The warm-up ends in steps that kill the ReLUs, after those of the killed part.
  const std::vector<std::string> train =
      with(kSixEpochs, {"--learning-rate", "2", "--warm-up", "50", "--stop-when-unhealthy"});
  const ProgramResult whole = run_program(with(train, {"--out", out("whole")}));
  begin(train, "t");
  const ProgramResult rest = resume("t");
  EXPECT_EQ(rest.exit_code, whole.exit_code) << rest.err;
  expect_same_runs(folder_ / "whole", folder_ / "t");
}

TEST_F(ResumedRun, StreamAndTensorboardGetTheStepsFromTheCheckpointOn) {
  const std::vector<std::string> train = with(kSixEpochs, {"--tensorboard", out("events")});
  begin(train, "t");
  const ProgramResult rest = resume("t", {"--stream", out("rest.jsonl")});
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  std::ifstream lines(out("rest.jsonl"));
  std::string line;
  std::size_t count = 0;
  while (std::getline(lines, line)) {
    if (count++ > 0) continue;
    EXPECT_EQ(Json::parse(line)["step"].get<int>() - 1,
              read_run(folder_ / "t").number("/resumed_after/0"));
  }
  EXPECT_EQ(count + static_cast<std::size_t>(read_run(folder_ / "t").number("/resumed_after/0")),
            60U);
  EXPECT_EQ(std::distance(fs::directory_iterator(out("events")), {}), 2);
}

}  // namespace
}  // namespace ravine::testing
