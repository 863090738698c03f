#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/record/run_record.hpp"
#include "support/interrupted_runs.hpp"
#include "support/program_runs.hpp"

// A run that was computed is kept, whatever happens at its end.

namespace ravine::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class NothingLost : public ::testing::Test, protected ProgramRuns {
 protected:
  /// PATH with a gnuplot in front that says its version, and does what `draw` says to draw.
  std::string path_with_gnuplot(const std::string& draw) {
    const fs::path program = folder_.file(
        "gnuplot", "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\nPATH=${PATH#*:}\n" + draw + "\n");
    fs::permissions(program, fs::perms::owner_all);
    return fmt::format("PATH={}:{}", folder_.path().string(), std::getenv("PATH"));
  }

  /// The small run by a shell, with `rest` behind it.
  ProgramResult train_in_shell(const std::string& name, const std::string& rest) {
    return run_program({"-c", fmt::format("{} {} --out {} {}", RAVINE_PROGRAM,
                                          fmt::join(kTrain, " "), (folder_ / name).string(), rest)},
                       {}, "/bin/sh");
  }

  ProgramResult train(const std::vector<std::string>& more,
                      const std::vector<std::string>& environment = {}) {
    return run_program(with(kTrain, with(more, {"--out", (folder_ / "t").string()})), environment);
  }
};

TEST_F(NothingLost, ToAFigureThatCannotBeDrawn) {
  const ProgramResult result = train({}, {path_with_gnuplot("echo boom >&2; exit 1")});
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.err, HasSubstr("got boom; the run is in "));
  EXPECT_EQ(read_run(folder_ / "t").table("steps.csv").row_count(), 20U);
  EXPECT_EQ(
      run_program({"report", (folder_ / "t").string(), "--out", (folder_ / "r.html").string()})
          .exit_code,
      0);
}

TEST_F(NothingLost, ToTheTerminalsInterruptWhileFiguresAreDrawn) {
  // It goes to all processes of the program's group; gnuplot is in another one. Two are at work.
  const ProgramResult result =
      train({}, {path_with_gnuplot("read -r p c s o group rest < /proc/$$/stat\n"
                                   "read -r p c s o parents rest < /proc/$PPID/stat\n"
                                   "[ $group != $parents ] || exit 1\n"
                                   "mkdir " +
                                   (folder_ / "once").string() +
                                   " 2>/dev/null && kill -INT $PPID\nexec gnuplot \"$@\"")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(fs::exists(folder_ / "t/report.html"));
}

TEST_F(NothingLost, ToAPlaceThatWasTakenMeanwhile) {
  const std::string path =
      path_with_gnuplot("mkdir -p " + (folder_ / "t").string() + "\nexec gnuplot \"$@\"");
  const ProgramResult result = train({}, {path});
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.err, HasSubstr("the run is in " + (folder_ / "t-2").string()));
  EXPECT_EQ(read_run(folder_ / "t-2").table("steps.csv").row_count(), 20U);
  EXPECT_TRUE(fs::is_empty(folder_ / "t"));
}

TEST_F(NothingLost, ToAClosedTerminal) {
  std::vector<std::string> endless = kTrain;
  endless.back() = "100000";  // epochs
  Program program(with(endless, {"--out", (folder_ / "t").string()}));
  program.await_error_output("epoch   2");
  program.send_signal(SIGHUP);
  program.await_error_output("once more");
  program.send_signal(SIGHUP);  // a shell sends one, and so does the system when that ends
  const ProgramResult result = program.finish();
  EXPECT_EQ(result.exit_code, 128 + SIGHUP);
  EXPECT_THAT(result.err, HasSubstr("once more ends at once"));
  EXPECT_EQ(read_run(folder_ / "t").text("/termination/reason"), "interrupted");
}

bool has_full_device() { return fs::is_character_file("/dev/full"); }

TEST_F(NothingLost, ToProgressThatNobodyReads) {
  if (!has_full_device()) GTEST_SKIP();
  EXPECT_EQ(train_in_shell("full", "2>/dev/full").exit_code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "full/report.html"));
  train_in_shell("gone", "2>&1 >/dev/null | head -c 1 >/dev/null");
  const auto is_there = [&] { return fs::exists(folder_ / "gone/report.html"); };
  for (int i = 0; i < 600 && !is_there(); ++i) run_program({"0.1"}, {}, "/bin/sleep");
  EXPECT_TRUE(is_there());
}

TEST_F(NothingLost, ToTextThatNobodyReadsBesideAStream) {
  if (!has_full_device()) GTEST_SKIP();
  const ProgramResult result = train_in_shell("t", "--stream - 2>/dev/full");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(std::ranges::count(result.out, '\n'), 20);
}

TEST_F(NothingLost, ButTheCheckpointOfAFinishedRun) {
  const ProgramResult result =
      train({"--checkpoint-every", "1", "--json"}, {path_with_gnuplot("exit 1")});
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_EQ(Json::parse(result.out)["results"]["epochs"], 2);
  EXPECT_FALSE(fs::exists(folder_ / "t/checkpoint.npz"));
}

TEST_F(NothingLost, OfResultsThatCannotBePrintedWithoutAWord) {
  if (!has_full_device()) GTEST_SKIP();
  run(kTrain, "t");
  const std::string diagnose =
      fmt::format("{} diagnose {}", RAVINE_PROGRAM, (folder_ / "t").string());
  for (const char* form : {"", " --json"}) {
    const ProgramResult full = run_program({"-c", diagnose + form + " >/dev/full"}, {}, "/bin/sh");
    EXPECT_EQ(full.exit_code, 6) << form;
    EXPECT_THAT(full.err, HasSubstr("[stdout] results: expected a reader or room for more"));
  }
  const ProgramResult usage =
      run_program({"-c", std::string(RAVINE_PROGRAM) + " nonsense 2>/dev/full"}, {}, "/bin/sh");
  EXPECT_EQ(usage.exit_code, 2);
}

TEST_F(NothingLost, OfAStreamThatARunGoesOnWith) {
  const std::string whole = (folder_ / "whole.jsonl").string(),
                    parts = (folder_ / "parts.jsonl").string();
  std::vector<std::string> epochs = kTrain;
  epochs.back() = "6";
  run(epochs, "whole", {"--stream", whole});
  std::vector<std::string> endless = epochs;
  endless.back() = "100000";
  const auto has_checkpoint = [&] {
    const fs::path left = leftover_of(folder_ / "t");
    return !left.empty() && fs::exists(left / "checkpoint.npz");
  };
  signal_when(with(endless, {"--checkpoint-every", "1", "--stream", parts, "--out",
                             (folder_ / "t").string()}),
              has_checkpoint, SIGKILL);
  std::ofstream(parts, std::ios::app) << "{\"step\":99999,\"ep";  // cut off within a line
  Program resumed({"train", "--resume", "--out", (folder_ / "t").string(), "--stream", parts});
  resumed.await_error_output("going on after");
  resumed.await_error_output("epoch ");
  resumed.send_signal(SIGINT);
  EXPECT_EQ(resumed.finish().exit_code, 130);
  std::ifstream lines(parts), expected(whole);
  std::int64_t count = 0;
  for (std::string line, other; std::getline(lines, line); ++count) {
    EXPECT_THAT(line, StartsWith(fmt::format("{{\"step\":{},", count + 1)));
    if (!std::getline(expected, other)) continue;
    EXPECT_EQ(line, other);
  }
  EXPECT_EQ(count,
            static_cast<std::int64_t>(read_run(folder_ / "t").table("steps.csv").row_count()));
}

}  // namespace
}  // namespace ravine::testing
