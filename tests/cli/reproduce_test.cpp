#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/record/run_record.hpp"
#include "support/program_runs.hpp"

namespace ravine::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

constexpr const char* kExperiment = R"(
id = "small"
title = "A small sweep"
question = "Does it recover?"

[[run]]
name = "map"
verb = "sweep"
plan = "plans/map.toml"
quick = { seed = 1 }

[[check]]
run = "map"
what = "few measurements: share of successes"
table = "sweep.csv"
column = "success"
statistic = "mean"
where = { measurements = 10 }
range = [0, 0]

[[check]]
run = "map"
what = "many measurements: share of successes"
table = "sweep.csv"
column = "success"
statistic = "mean"
where = { measurements = 70 }
range = [0.5, 1]

[[check]]
run = "map"
what = "a share that is impossible"
table = "sweep.csv"
column = "success"
statistic = "mean"
range = [2, 3]
)";

constexpr const char* kPlan = R"(
dimension = 12
true-rank = 1
rank = 1
measurements = [10, 70]
seed = [1, 2, 3]
start = "spectral"
rule = "lbfgs"
iterations = 100
)";

class Reproduce : public ::testing::Test {
 protected:
  Reproduce() {
    fs::create_directory(folder_ / "plans");
    write_file_atomically(folder_ / "plans/map.toml", kPlan);
    experiment_ = folder_.file("small.toml", kExperiment).string();
  }

  ProgramResult reproduce(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"reproduce", "--experiment", experiment_, "--out",
                                          (folder_ / "r").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }

  TemporaryFolder folder_;
  std::string experiment_;
};

TEST_F(Reproduce, ChecksASweepAndSaysSoInTheReport) {
  const ProgramResult result = reproduce({});
  EXPECT_EQ(result.exit_code, 1) << "one check cannot hold; " << result.err;
  EXPECT_THAT(result.out, HasSubstr("2 of 3 numbers are where they are expected"));
  const RunRecord sweep = read_run(folder_ / "r/map");
  EXPECT_EQ(sweep.table("sweep.csv").row_count(), 6U);
  EXPECT_EQ(sweep.text("/experiment/title"), "A small sweep");
  EXPECT_EQ(read_run(folder_ / "r").array("/results/checks").size(), 3U);
  const std::string html = read_file(folder_ / "r/report.html");
  EXPECT_THAT(html, HasSubstr("many measurements: share of successes"));
  EXPECT_THAT(html, HasSubstr("A small sweep"));
  EXPECT_THAT(html, HasSubstr("ravine sweep " + (folder_ / "plans/map.toml").string()));

  const ProgramResult own = run_program(
      {"sweep", (folder_ / "plans/map.toml").string(), "--out", (folder_ / "own").string()});
  EXPECT_EQ(own.exit_code, 0) << own.err;
  EXPECT_EQ(read_file(folder_ / "own/sweep.csv"), read_file(folder_ / "r/map/sweep.csv"));
}

TEST_F(Reproduce, AQuickSweepReplacesKeysOfThePlanAndHasNoCommand) {
  const ProgramResult result = reproduce({"--quick"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(read_run(folder_ / "r/map").table("sweep.csv").row_count(), 2U);
  EXPECT_THAT(read_file(folder_ / "r/report.html"), Not(HasSubstr("ravine sweep ")));
}

TEST_F(Reproduce, AMissingPlanIsNamedInOneLine) {
  fs::remove(folder_ / "plans/map.toml");
  const ProgramResult result = reproduce({});
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.err, HasSubstr("plans/map.toml"));
  EXPECT_FALSE(fs::exists(folder_ / "r"));
}

TEST_F(Reproduce, WithoutReportDrawsNothingAndChecksAllTheSame) {
  const ProgramResult result = reproduce({"--no-report"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, HasSubstr("2 of 3 numbers are where they are expected"));
  EXPECT_TRUE(fs::exists(folder_ / "r/map/sweep.csv"));
  EXPECT_FALSE(fs::exists(folder_ / "r/report.html"));
  for (const auto& file : fs::recursive_directory_iterator(folder_ / "r")) {
    EXPECT_NE(file.path().extension(), ".svg") << file.path();
  }
}

TEST_F(Reproduce, ACheckOfAColumnThatIsNotThereNamesThoseThatAre) {
  std::string text = kExperiment;
  text.replace(text.find("column = \"success\""), 18, "column = \"sucess\"");
  write_file_atomically(experiment_, text);
  const ProgramResult result = reproduce({"--quiet"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("[[check]] 'few measurements: share of successes'"),
                                HasSubstr("'success'"), HasSubstr("got 'sucess'")));
  EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
  EXPECT_FALSE(fs::exists(folder_ / "r"));
}

TEST_F(Reproduce, MistakesThatNeedNoRunAreSaidBeforeTheFirst) {
  const auto error_with = [&](const std::string& more) {
    write_file_atomically(experiment_, kExperiment + more);
    const ProgramResult result = reproduce({});
    EXPECT_EQ(result.exit_code, 2) << more;
    EXPECT_THAT(result.err, Not(HasSubstr("A small sweep: map"))) << "no run has begun";
    return result.err;
  };
  EXPECT_THAT(error_with("[[check]]\nrun = 'mop'\nwhat = 'w'\nresult = '/a'\nrange = [0, 1]\n"),
              HasSubstr("[[check]] 'w', run: expected one of 'map', got 'mop'"));
  EXPECT_THAT(error_with("[[check]]\nrun = 'map'\nwhat = 'w'\nresult = 'a'\nrange = [0, 1]\n"),
              HasSubstr("a JSON pointer"));
  EXPECT_THAT(error_with("[[run]]\nname = 'map'\nverb = 'train'\n"), HasSubstr("'map' twice"));
  EXPECT_THAT(error_with("[[run]]\nname = '../x'\nverb = 'train'\n"), HasSubstr("a folder's name"));
  EXPECT_THAT(error_with("[[run]]\nname = 'x'\nverb = 'tran'\n"),
              HasSubstr("small.toml [[run]] 'x', verb: expected train, sense"));
  EXPECT_THAT(error_with("[[run]]\nname = 'x'\nverb = 'sense'\noptions = { alpha = '0.1,,0.2' }\n"),
              AllOf(HasSubstr("got 0.1,,0.2; in "), HasSubstr("small.toml [[run]] 'x', options")));
  EXPECT_THAT(error_with("[[run]]\nname = 'x'\nverb = 'train'\noptions = { probe = ['', 'a'] }\n"),
              HasSubstr("probe: expected values, got an empty one"));
  EXPECT_THAT(error_with("[[run]]\nname = 'x'\nverb = 'train'\noptions = { epoch = 1 }\n"),
              HasSubstr("small.toml [[run]] 'x', epoch: expected a long option of `ravine train`"));
  EXPECT_THAT(error_with("[[run]]\nname = 'x'\nverb = 'train'\nquick = { epoch = 1 }\n"),
              HasSubstr("'x', epoch"));
  EXPECT_THAT(error_with("[[run]]\nname = 'x'\nverb = 'train'\noptions = { epochs = 'a' }\n"),
              HasSubstr("small.toml [[run]] 'x', options"));
}

TEST_F(Reproduce, OptionsThatWouldDoNothingInARunAreRefused) {
  for (const char* option :
       {"out = 'a'", "force = true", "threads = 1", "json = true", "quiet = true", "stream = 'a'",
        "checkpoint-every = 1", "resume = true", "config = 'a'", "help = true"}) {
    write_file_atomically(experiment_,
                          fmt::format("{}[[run]]\nname = 'x'\nverb = 'train'\noptions = {{ {} }}\n",
                                      kExperiment, option));
    const ProgramResult result = reproduce({});
    EXPECT_EQ(result.exit_code, 2) << option;
    EXPECT_THAT(result.err, HasSubstr("got one of where or how it runs")) << option;
    EXPECT_FALSE(fs::exists(folder_ / "r"));
  }
}

TEST_F(Reproduce, TheExampleOfTheDocumentationShowsItsNumbers) {
  const std::string page = read_file(fs::path(RAVINE_SOURCE_DIR) / "docs/experiments.md");
  const std::string fence = "```toml\n";
  const auto begin = page.find(fence) + fence.size();
  write_file_atomically(experiment_, page.substr(begin, page.find("```", begin) - begin));
  const ProgramResult result = reproduce({"--no-report"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("4 of 4 numbers are where they are expected"));
}

TEST_F(Reproduce, AFailedRunIsRecordedAndTheOthersGoOn) {
  const auto broken = folder_.file("broken.toml", R"(
id = "broken"
title = "Breaks"
question = "What becomes of the others?"
[[run]]
name = "lost"
verb = "sense"
options = { measurement-file = "/nonexistent/A.npy", value-file = "y.npy", seed = 13 }
[[check]]
run = "lost"
what = "a number that is never measured"
result = "/results/sigma_1"
range = [0, 1]
)");
  const ProgramResult result =
      run_program({"reproduce", "--experiment", broken.string(), "--experiment", experiment_,
                   "--out", (folder_ / "r").string()});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, HasSubstr("FAILED lost: "));
  EXPECT_THAT(result.out, HasSubstr("/nonexistent/A.npy"));
  EXPECT_THAT(result.out, HasSubstr("2 of 4 numbers are where they are expected"));
  EXPECT_THAT(result.err, HasSubstr("Breaks: lost (its own seed, 13)"));
  EXPECT_THAT(result.err, HasSubstr(": map (its own seeds, 1, 2, 3)")) << "those of the plan";
  const RunRecord record = read_run(folder_ / "r");
  EXPECT_EQ(record.text("/results/runs/0"), "map");
  EXPECT_EQ(record.text("/results/failed/0/run"), "lost");
  EXPECT_THAT(record.text("/results/failed/0/error"), HasSubstr("/nonexistent/A.npy"));
  EXPECT_EQ(record.text("/termination/message"), "1 of 2 runs failed");
  EXPECT_FALSE(fs::exists(folder_ / "r/lost"));
  EXPECT_TRUE(fs::exists(folder_ / "r/report.html"));
}

}  // namespace
}  // namespace ravine::testing
