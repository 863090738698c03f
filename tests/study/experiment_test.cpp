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
              HasSubstr("a.toml, full: expected true or false"));
}

TEST(Experiment, BuiltInOnesCheckOnlyRunsTheyHave) {
  bool any_full = false, any_short = false;
  for (const Experiment& experiment : built_in_experiments()) {
    (experiment.full ? any_full : any_short) = true;
    for (const ExperimentCheck& check : experiment.checks) {
      EXPECT_TRUE(std::ranges::count(experiment.runs, check.run, &ExperimentRun::name) == 1)
          << experiment.id << ": " << check.run;
      EXPECT_LE(check.low, check.high) << experiment.id << ": " << check.what;
    }
  }
  EXPECT_TRUE(any_full);
  EXPECT_TRUE(any_short);
}

}  // namespace
}  // namespace ravine
