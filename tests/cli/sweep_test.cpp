#include <csignal>
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/record/run_record.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

constexpr int kUsage = 2, kInputOutput = 6;

constexpr const char* kPlan = R"(
title = "A small map"
dimension = 12
true-rank = [1, 2, 3]
rank = { of = ["true-rank"], times = 1 }
measurements = { of = ["dimension", "true-rank"], start = 0.6, stop = 2.4, count = 4 }
seed = { start = 1, stop = 3, count = 3 }
start = "spectral"
rule = "lbfgs"
iterations = 150
target-error = 1e-3
)";

class SweepVerb : public ::testing::Test {
 protected:
  std::string out(const std::string& name) { return (folder_ / name).string(); }

  std::vector<std::string> command(const std::string& plan, const std::string& name) {
    return {"sweep", folder_.file("plan.toml", plan).string(), "--out", out(name)};
  }

  /// A sweep of the plan must end with `code` and one line on stderr that has `text`, and leave
  /// nothing behind.
  void expect_refusal(const std::string& plan, const std::string& text, int code = kUsage) {
    const ProgramResult result = run_program(command(plan, "none"));
    EXPECT_EQ(result.exit_code, code) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr(text));
    EXPECT_FALSE(fs::exists(out("none")));
  }

  TemporaryFolder folder_;
};

TEST_F(SweepVerb, WritesTableManifestFiguresAndReport) {
  const ProgramResult result = run_program(command(kPlan, "s"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("36 of 36 cells done"));
  EXPECT_THAT(result.err, HasSubstr("sweep: 36 of 36 cells"));
  EXPECT_THAT(result.err, Not(HasSubstr("\x1b"))) << "a bar in a pipe";
  const RunRecord record = read_run(out("s"));
  EXPECT_EQ(record.kind(), "sweep");
  EXPECT_EQ(record.table("sweep.csv").row_count(), 36U);
  EXPECT_EQ(record.number("/results/cells_done"), 36);
  EXPECT_EQ(record.text("/experiment/title"), "A small map");
  EXPECT_TRUE(fs::exists(folder_ / "s/figures/success.svg"));
  const std::string html = read_file(folder_ / "s/report.html");
  EXPECT_THAT(html, HasSubstr("degrees of freedom"));
  EXPECT_THAT(html, HasSubstr("m / (d r)"));
  EXPECT_THAT(html, HasSubstr("ravine sweep "));
  std::vector<std::string> again = command(kPlan, "s");
  again.emplace_back("--no-report");
  EXPECT_EQ(run_program(again).exit_code, 0);
  EXPECT_FALSE(fs::exists(folder_ / "s/report.html")) << "one of an earlier part";
}

TEST_F(SweepVerb, OneIsSaidInTheSingular) {
  const ProgramResult result =
      run_program(command("dimension = 6\nrank = 1\ntrue-rank = 1\niterations = 1\n", "one"));
  EXPECT_THAT(result.out, HasSubstr("1 cell, 1 run on 1 instance\n"));
  EXPECT_THAT(result.out, HasSubstr("1 of 1 cell done"));
}

TEST_F(SweepVerb, GoesOnAfterAKillAndAfterAnInterruptionToTheSameBytes) {
  // Some thousand cells, so that the signal comes while they are run.
  const std::string longer =
      std::string(kPlan) + "step = { start = 0.2, stop = 0.3, count = 80 }\n";
  ASSERT_EQ(run_program(command(longer, "whole")).exit_code, 0);
  for (const int signal : {SIGKILL, SIGINT}) {
    const std::string name = fmt::format("signal-{}", signal);
    Program program(command(longer, name));
    program.await_error_output("sweep: ");
    program.send_signal(signal);
    const ProgramResult stopped = program.finish();
    EXPECT_EQ(stopped.exit_code, 128 + signal) << stopped.err;
    EXPECT_LT(read_file(folder_ / name / "sweep.csv").size(),
              read_file(folder_ / "whole/sweep.csv").size());
    const ProgramResult rest = run_program(command(longer, name));
    EXPECT_EQ(rest.exit_code, 0) << rest.err;
    EXPECT_EQ(read_file(folder_ / name / "sweep.csv"), read_file(folder_ / "whole/sweep.csv"));
    EXPECT_EQ(read_run(out(name)).text("/termination/reason"), "max_steps");
  }
}

TEST_F(SweepVerb, ASecondOneInTheSameFolderIsRefusedAndHarmsNothing) {
  // Some seconds, of which the interruption leaves over most.
  const std::string longer =
      "dimension = 50\nrank = 50\ntrue-rank = 2\nmeasurements = 800\niterations = 1000\n"
      "seed = { start = 1, stop = 60, count = 60 }\n";
  Program first(command(longer, "s"));
  first.await_error_output("sweep: ");
  std::vector<std::string> again = command(longer, "s");
  for (int attempt = 0; attempt < 2; ++attempt, again.emplace_back("--force")) {
    const ProgramResult refused = run_program(again);
    EXPECT_EQ(refused.exit_code, kInputOutput);
    EXPECT_EQ(refused.out, "");
    EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("expected a folder that no other process works in"));
  }
  first.send_signal(SIGINT);
  const ProgramResult stopped = first.finish();
  EXPECT_EQ(stopped.exit_code, 128 + SIGINT) << stopped.err;
  // The first one wrote whole rows, and nothing holds the folder any more.
  const RunRecord part = read_run(out("s"));
  EXPECT_EQ(part.table("sweep.csv").row_count(),
            static_cast<std::size_t>(part.number("/results/cells_done")));
  Program rest(command(longer, "s"));
  rest.await_error_output("sweep: going on after");
}

TEST_F(SweepVerb, AnotherPlanInTheSameFolderIsRefusedAndForceBeginsAnew) {
  ASSERT_EQ(run_program(command(kPlan, "s")).exit_code, 0);
  const std::string before = read_file(folder_ / "s/sweep.csv");
  const std::string other = std::string(kPlan) + "step = 0.1\n";
  const ProgramResult refused = run_program(command(other, "s"));
  EXPECT_EQ(refused.exit_code, kUsage);
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("--force to begin anew"));
  EXPECT_EQ(read_file(folder_ / "s/sweep.csv"), before);
  std::vector<std::string> forced = command(other, "s");
  forced.push_back("--force");
  EXPECT_EQ(run_program(forced).exit_code, 0);
}

TEST_F(SweepVerb, BadPlansAreRefusedInOneLine) {
  expect_refusal("rank = 2\nrnak = 3\n", "line 2, rnak: expected a known key");
  expect_refusal("out = 'x'\n", "out: expected a known key");
  expect_refusal("singular-values = 3\n", "singular-values: expected a known key");
  expect_refusal("step = []\n", "step: expected at least one value");
  expect_refusal("step = [0.1, nan]\n", "step: expected finite numbers");
  expect_refusal("rank = 'many'\n", "many");
  expect_refusal("rank = 2.5\n", "2.5");
  expect_refusal("rule = ['gd', 'newton']\n", "cell rule = newton");
  expect_refusal("true-rank = [1, 70]\ndimension = 60\n", "cell true-rank = 70");
  expect_refusal("iterations = [10, -1]\n", "iterations: expected 0 to");
  expect_refusal("seed = { start = 1, stop = 200001, count = 100000 }\nstep = [0.1, 0.2]\n",
                 "at most 100000 cells");
  expect_refusal("rank = \n", "line 1");
  expect_refusal("measurement-file = 'A.npy'\nvalue-file = 'y.npy'\n", "truth file");
}

TEST_F(SweepVerb, BadCommandsAreRefusedInOneLine) {
  const ProgramResult none = run_program({"sweep", out("none.toml")});
  EXPECT_EQ(none.exit_code, kInputOutput);
  EXPECT_THAT(none.err, HasSubstr("none.toml"));
  EXPECT_EQ(run_program({"sweep"}).exit_code, kUsage);
  std::vector<std::string> seed = command(kPlan, "none");
  seed.insert(seed.end(), {"--seed", "5"});
  const ProgramResult refused = run_program(seed);
  EXPECT_EQ(refused.exit_code, kUsage);
  EXPECT_THAT(refused.err, HasSubstr("--seed: expected none where the file has its own, got 5"));
  std::vector<std::string> success = command(kPlan, "none");
  success.insert(success.end(), {"--success", "0"});
  EXPECT_EQ(run_program(success).exit_code, kUsage);
}

}  // namespace
}  // namespace ravine::testing
