#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/data/npy.hpp"
#include "ravine/record/run_record.hpp"
#include "support/interrupted_runs.hpp"
#include "support/program_runs.hpp"
#include "support/vectors.hpp"

namespace ravine::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

// The start of 1 reaches its target within the first iterations, that of 100 diverges in them, and
// that of 1e-140 grows for thousands.
const std::vector<std::string> kThreeStarts = {"sense",
                                               "--dimension",
                                               "10",
                                               "--true-rank",
                                               "1",
                                               "--measurements",
                                               "60",
                                               "--rank",
                                               "2",
                                               "--alpha",
                                               "1,1e-140,100",
                                               "--step",
                                               "0.04",
                                               "--seed",
                                               "3",
                                               "--iterations",
                                               "3000",
                                               "--target-error",
                                               "0.5"};

class ResumedSensing : public ::testing::Test, protected ProgramRuns {
 protected:
  std::string out(const std::string& name) const { return (folder_ / name).string(); }

  /// A run into `name` that keeps a checkpoint after each iteration, which takes seconds, and that
  /// a signal ends after at least 100 of them.
  ProgramResult begin(const std::vector<std::string>& sense, const std::string& name,
                      int signal = SIGKILL) {
    const auto made_hundred = [&] {
      const fs::path partial = leftover_of(folder_ / name);
      if (partial.empty() || !fs::exists(partial / "checkpoint.npz")) return false;
      return read_file(partial / "trace.csv").find("\n100,") != std::string::npos;
    };
    return signal_when(
        with(sense, {"--checkpoint-every", "1", "--threads", "2", "--out", out(name)}),
        made_hundred, signal);
  }

  ProgramResult resume(const std::string& name, const std::vector<std::string>& more = {}) {
    return run_program(
        with({"sense", "--resume", "--checkpoint-every", "1000", "--out", out(name)}, more));
  }

  void expect_same_after_a_kill(const std::vector<std::string>& sense, const std::string& name) {
    const ProgramResult whole =
        run_program(with(sense, {"--threads", "1", "--out", out(name + "-whole")}));
    EXPECT_EQ(begin(sense, name).exit_code, 128 + SIGKILL);
    EXPECT_FALSE(fs::exists(folder_ / name));
    const ProgramResult rest = resume(name, {"--threads", "3"});
    EXPECT_EQ(rest.exit_code, whole.exit_code) << rest.err;
    EXPECT_THAT(rest.err, HasSubstr("going on after "));
    expect_same_runs(folder_ / (name + "-whole"), folder_ / name);
    EXPECT_EQ(leftover_of(folder_ / name), "");
    const RunRecord record = read_run(folder_ / name);
    EXPECT_GE(record.number("/resumed_after/0"), 100);
    EXPECT_LT(record.number("/resumed_after/0"), 3000);
  }
};

TEST_F(ResumedSensing, GoesOnToTheSameBytesWhereSomeStartsEndedBeforeTheKill) {
  const std::vector<std::string> look = {"--minimum-norm", "--singular-values-every", "3"};
  const std::vector<std::string> heavy_ball = {"--rule", "momentum", "--momentum", "0.5"};
  expect_same_after_a_kill(with(kThreeStarts, look), "gd");
  expect_same_after_a_kill(with(with(kThreeStarts, look), heavy_ball), "momentum");
  for (const char* rule : {"gd", "momentum"}) {
    const RunRecord record = read_run(folder_ / rule);
    EXPECT_EQ(record.text("/results/members/0/termination"), "target_reached") << rule;
    EXPECT_LT(record.number("/results/members/0/iterations"), 100) << rule;
    EXPECT_GT(record.number("/results/members/1/iterations"), 1500) << rule;
    EXPECT_EQ(record.text("/results/members/2/termination"), "diverged") << rule;
    EXPECT_LT(record.number("/results/members/2/iterations"), 100) << rule;
  }
}

TEST_F(ResumedSensing, TheoryAndSharpnessGoOnToo) {
  expect_same_after_a_kill(with(kThreeStarts, {"--theory", "--sharpness-every", "25"}), "theory");
}

TEST_F(ResumedSensing, AWalkOfItsOwnAndThePopulationGoOnToo) {
  expect_same_after_a_kill({"sense", "--population", "--dimension", "8", "--true-rank", "2",
                            "--rank", "4", "--alpha", "1,1e-140", "--rule", "nesterov", "--step",
                            "0.01", "--iterations", "1500", "--singular-values", "0"},
                           "nesterov");
}

TEST_F(ResumedSensing, AnInterruptedRunKeepsItsLastCheckpointAndSaysHowToGoOn) {
  const ProgramResult whole = run_program(with(kThreeStarts, {"--out", out("whole")}));
  const ProgramResult first = begin(kThreeStarts, "i", SIGINT);
  EXPECT_EQ(first.exit_code, 130) << first.err;
  EXPECT_THAT(first.out, HasSubstr("same command with --resume"));
  EXPECT_EQ(read_run(folder_ / "i").text("/termination/reason"), "interrupted");
  const ProgramResult rest = resume("i");
  EXPECT_EQ(rest.exit_code, whole.exit_code) << rest.err;
  EXPECT_THAT(rest.out, Not(HasSubstr("--resume")));
  EXPECT_FALSE(fs::exists(folder_ / "i/checkpoint.npz"));
  expect_same_runs(folder_ / "whole", folder_ / "i");
}

TEST_F(ResumedSensing, RefusesWhatTheRunWasNotBegunWith) {
  begin(kThreeStarts, "s");
  const auto refusal = [&](const std::vector<std::string>& arguments, int code) {
    const ProgramResult refused = run_program(with(arguments, {"--quiet", "--out", out("s")}));
    EXPECT_EQ(refused.exit_code, code) << refused.err;
    EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
    return refused.err;
  };
  EXPECT_THAT(refusal({"sense", "--resume", "--iterations", "4000"}, 2),
              HasSubstr("--iterations: expected 3000, as the run was begun, got 4000"));
  EXPECT_THAT(refusal({"sense", "--resume", "--alpha", "1,1e-140"}, 2), HasSubstr("--alpha"));
  EXPECT_THAT(refusal({"sense", "--resume", "--rule", "lbfgs"}, 2),
              HasSubstr("--rule: expected \"gd\""));
  EXPECT_THAT(refusal({"sense", "--resume", "--theory"}, 2), HasSubstr("--theory: expected false"));
  EXPECT_THAT(refusal({"train", "--resume"}, 2),
              HasSubstr("expected one of `ravine train`, got one of `ravine sense`"));
  EXPECT_THAT(refusal(kThreeStarts, 6),
              AllOf(HasSubstr("left a checkpoint"), HasSubstr("--resume goes on")));
  const fs::path left = leftover_of(folder_ / "s");
  const std::string plan = read_file(left / "checkpoint.json");
  std::string other = plan;
  other.replace(other.find("ravine_version\": \""), 18, "ravine_version\": \"9");
  write_file_atomically(left / "checkpoint.json", other);
  EXPECT_THAT(refusal({"sense", "--resume"}, 2), HasSubstr("ravine_version: expected \"9"));
  write_file_atomically(left / "checkpoint.json", plan);
  const std::string state = read_file(left / "checkpoint.npz");
  write_file_atomically(left / "checkpoint.npz", state.substr(0, state.size() / 2));
  EXPECT_THAT(refusal({"sense", "--resume"}, 3), HasSubstr("[npz]"));
  write_file_atomically(left / "checkpoint.npz", state);
  EXPECT_EQ(resume("s").exit_code, 4) << "refusals leave it as it was";
  EXPECT_THAT(refusal({"sense", "--resume"}, 6), HasSubstr("got a finished run"));
}

TEST_F(ResumedSensing, FilesMustHoldWhatTheyHeld) {
  const std::vector<double> rows = normals(20 * 10, "rows");  // 4 x 4
  std::vector<double> values = normals(20, "values"), start = normals(4 * 2, "start");
  const auto write = [&](const char* name, const std::vector<double>& numbers,
                         const std::vector<std::size_t>& shape) {
    write_npy(folder_ / name, NpyView{shape, std::span<const double>(numbers)});
  };
  write("A.npy", rows, {20, 10});
  write("y.npy", values, {20});
  write("U.npy", start, {4, 2});
  const std::vector<std::string> sense = {
      "sense",      "--measurement-file", out("A.npy"), "--value-file",
      out("y.npy"), "--initial-file",     out("U.npy"), "--rank",
      "2",          "--iterations",       "3000",       "--singular-values",
      "0",          "--learning-rate",    "0.001"};
  const fs::path whole = run(sense, "whole");
  begin(sense, "s");
  const auto refuses_other = [&](const char* file, std::vector<double> numbers,
                                 const std::vector<std::size_t>& shape, const char* option) {
    const std::string intact = read_file(folder_ / file);
    numbers[0] += 1;
    write(file, numbers, shape);
    const ProgramResult refused = resume("s", {"--quiet"});
    EXPECT_EQ(refused.exit_code, 2) << refused.err;
    EXPECT_THAT(refused.err, AllOf(HasSubstr(option), HasSubstr("the same files")));
    write_file_atomically(folder_ / file, intact);
  };
  refuses_other("A.npy", rows, {20, 10}, "data, measurement-file");
  refuses_other("y.npy", values, {20}, "data, value-file");
  refuses_other("U.npy", start, {4, 2}, "data, initial-file");
  const ProgramResult rest = resume("s");
  ASSERT_EQ(rest.exit_code, 0) << rest.err;
  expect_same_runs(whole, folder_ / "s");
}

}  // namespace
}  // namespace ravine::testing
