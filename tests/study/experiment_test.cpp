#include "ravine/study/experiment.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

using ravine::testing::error_of;
using ::testing::HasSubstr;

Experiment with_full(const char* value) {
  return parse_experiment(fmt::format("id = 'a'\ntitle = 'b'\nquestion = 'c'\nfull = {}\n", value),
                          "a.toml");
}

TEST(Experiment, IsShortUnlessItSaysThatItIsFull) {
  EXPECT_FALSE(parse_experiment("id = 'a'\ntitle = 'b'\nquestion = 'c'\n", "a.toml").full);
  EXPECT_FALSE(with_full("false").full);
  EXPECT_TRUE(with_full("true").full);
}

TEST(Experiment, RefusesAFullThatIsNeitherTrueNorFalse) {
  EXPECT_THAT(error_of<ConfigError>([] { with_full("'yes'"); }),
              HasSubstr("a.toml, full: expected true or false, got a text"));
}

TEST(Experiment, BuiltInOnesCheckOnlyRunsTheyHave) {
  bool any_full = false, any_short = false, any_sweep = false;
  for (const Experiment& experiment : built_in_experiments()) {
    (experiment.full ? any_full : any_short) = true;
    for (const ExperimentRun& run : experiment.runs) {
      if (run.verb != "sweep") continue;
      any_sweep = true;
      EXPECT_THAT(read_plan(experiment, run).toml, HasSubstr("dimension = "));
    }
    for (const ExperimentCheck& check : experiment.checks) {
      EXPECT_TRUE(std::ranges::count(experiment.runs, check.run, &ExperimentRun::name) == 1)
          << experiment.id << ": " << check.run;
      EXPECT_LE(check.low, check.high) << experiment.id << ": " << check.what;
    }
  }
  EXPECT_TRUE(any_full);
  EXPECT_TRUE(any_short);
  EXPECT_TRUE(any_sweep);
}

Experiment with_run(const std::string& keys) {
  return parse_experiment("id = 'a'\ntitle = 'b'\nquestion = 'c'\n[[run]]\nname = 'r'\n" + keys,
                          "e/a.toml");
}

TEST(Experiment, ASweepNamesItsPlanBesideTheExperiment) {
  const Experiment experiment = with_run("verb = 'sweep'\nplan = 'p.toml'\n");
  EXPECT_EQ(experiment.runs[0].plan, "p.toml");
  EXPECT_THAT(error_of<IoError>([&] { read_plan(experiment, experiment.runs[0]); }),
              HasSubstr("e/p.toml"));
  EXPECT_THAT(error_of<ConfigError>([] { with_run("verb = 'sweep'\n"); }), HasSubstr("plan"));
  EXPECT_THAT(error_of<ConfigError>(
                  [] { with_run("verb = 'sweep'\nplan = 'p'\noptions = { rank = 1 }\n"); }),
              HasSubstr("options: expected a known key"));
  EXPECT_THAT(error_of<ConfigError>([] { with_run("verb = 'sense'\nplan = 'p'\n"); }),
              HasSubstr("plan: expected a known key"));
}

Experiment with_check(const std::string& keys) {
  return with_run("verb = 'sense'\n[[check]]\nrun = 'r'\nwhat = 'w'\nrange = [0, 1]\n" + keys);
}

TEST(Experiment, ReadsWhatIsTakenOfWhichRows) {
  const ExperimentCheck check =
      with_check(
          "table = 't.csv'\ncolumn = 'y'\nstatistic = 'slope'\nover = 'x'\nlogs = ['x', 'y']\n"
          "where = { m = 5, k = [1, 2.5] }\n")
          .checks[0];
  EXPECT_EQ(check.statistic, CheckStatistic::slope);
  EXPECT_EQ(check.over, "x");
  EXPECT_EQ(check.logs, (std::vector<std::string>{"x", "y"}));
  ASSERT_EQ(check.where.size(), 2U);
  EXPECT_EQ(check.where[0].column, "k");
  EXPECT_EQ(check.where[0].high, 2.5);
  EXPECT_EQ(check.where[1].low, 5);
  EXPECT_EQ(check.where[1].high, 5);
}

TEST(Experiment, RefusesChecksThatSayNothing) {
  const auto refused = [](const std::string& keys) {
    return error_of<ConfigError>([&] { with_check("table = 't.csv'\ncolumn = 'y'\n" + keys); });
  };
  EXPECT_THAT(refused("statistic = 'median'\n"), HasSubstr("first, mean or slope"));
  EXPECT_THAT(refused("statistic = 'slope'\n"), HasSubstr("over: expected a text"));
  EXPECT_THAT(refused("over = 'x'\n"), HasSubstr("over: expected a known key"));
  EXPECT_THAT(refused("where = { m = [1] }\n"), HasSubstr("a number, or two for a range"));
  EXPECT_THAT(refused("where = { m = 'one' }\n"), HasSubstr("a number"));
  EXPECT_THAT(refused("statistic = 'slope'\nover = 'x'\nlogs = [1]\n"),
              HasSubstr("an array of texts"));
}

TEST(Experiment, RefusesRangesThatNothingIsIn) {
  const auto refused = [](const std::string& range) {
    return error_of<ConfigError>([&] {
      with_run("verb = 'sense'\n[[check]]\nrun = 'r'\nwhat = 'w'\nresult = '/a'\n" + range);
    });
  };
  EXPECT_THAT(refused("range = [1, 0]\n"),
              HasSubstr("a.toml [[check]] 'w', range: expected two numbers, the lower one first, "
                        "got [1, 0]"));
  EXPECT_THAT(refused("range = [nan, 0]\n"), HasSubstr("the lower one first"));
  EXPECT_THAT(refused("range = [0, 1, 2]\n"), HasSubstr("got an array of 3"));
  EXPECT_THAT(refused("range = 1\n"), HasSubstr("range: expected two numbers, got a number"));
  EXPECT_THAT(refused(""), HasSubstr("range: expected two numbers, got nothing"));
  EXPECT_THAT(error_of<ConfigError>(
                  [] { with_check("table = 't.csv'\ncolumn = 'y'\nwhere = { m = [2, 1] }\n"); }),
              HasSubstr("where: expected two numbers, the lower one first, got [2, 1]"));
}

TEST(Experiment, RefusesRunsInThePlaceOfAnotherFile) {
  for (const char* name : {"manifest.json", "report.html", "figures"}) {
    EXPECT_THAT(error_of<ConfigError>([&] {
                  parse_experiment(fmt::format("id = 'a'\ntitle = 'b'\nquestion = 'c'\n[[run]]\n"
                                               "name = '{}'\nverb = 'sense'\n",
                                               name),
                                   "a.toml");
                }),
                HasSubstr(fmt::format("which stand beside the runs, got '{}'", name)));
  }
}

TEST(Experiment, RefusesOptionsOfAKindThatNoneHas) {
  const auto refused = [](const std::string& keys) {
    return error_of<ConfigError>([&] { with_run("verb = 'sense'\n" + keys); });
  };
  EXPECT_THAT(refused("options = { rank = { a = 1 } }\n"),
              HasSubstr("a.toml [[run]] 'r', options, rank: expected a number, a text, true, "
                        "false or an array of them, got a table"));
  EXPECT_THAT(refused("quick = { alpha = [] }\n"), HasSubstr("quick, alpha"));
  EXPECT_THAT(refused("quick = { alpha = [] }\n"), HasSubstr("got an empty array"));
}

TEST(Experiment, SaysWhatItGotInsteadOfWhatItTakes) {
  const auto refused = [](const std::string& keys) {
    return error_of<ConfigError>([&] { with_check("table = 't.csv'\n" + keys); });
  };
  EXPECT_THAT(refused(""), HasSubstr("column: expected a text, got nothing"));
  EXPECT_THAT(refused("column = 1.5\n"), HasSubstr("expected a text, got a number"));
  EXPECT_THAT(refused("column = { a = 1 }\n"), HasSubstr("expected a text, got a table"));
  EXPECT_THAT(refused("column = ['a']\n"), HasSubstr("expected a text, got an array"));
  EXPECT_THAT(refused("column = 'y'\nwhere = true\n"),
              HasSubstr("expected a table, got true or false"));
  EXPECT_THAT(refused("column = 'y'\nwhere = { m = 'one' }\n"),
              HasSubstr("expected a number, got a text"));
  EXPECT_THAT(refused("column = 'y'\nwhere = { m = [1] }\n"), HasSubstr("got an array of 1"));
  EXPECT_THAT(refused("column = 'y'\nstatistic = 'median'\n"), HasSubstr("got 'median'"));
  EXPECT_THAT(refused("column = 'y'\nstatistic = 'slope'\nover = 'x'\nlogs = ['x', 1]\n"),
              HasSubstr("expected an array of texts, got an array with a number"));
  EXPECT_THAT(refused("column = 'y'\nstatistics = 'mean'\n"), HasSubstr("got an unknown one"));
}

}  // namespace
}  // namespace ravine
