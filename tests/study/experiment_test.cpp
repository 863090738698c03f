#include "ravine/study/experiment.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

using ravine::testing::error_of;
using ::testing::HasSubstr;

constexpr const char* kHead = "id = \"a\"\ntitle = \"b\"\nquestion = \"c\"\n";

TEST(Experiment, IsShortUnlessItSaysThatItIsFull) {
  EXPECT_FALSE(parse_experiment(kHead, "a.toml").full);
  EXPECT_FALSE(parse_experiment(std::string(kHead) + "full = false\n", "a.toml").full);
  EXPECT_TRUE(parse_experiment(std::string(kHead) + "full = true\n", "a.toml").full);
}

TEST(Experiment, RefusesAFullThatIsNeitherTrueNorFalse) {
  EXPECT_THAT(error_of<ConfigError>(
                  [] { parse_experiment(std::string(kHead) + "full = \"yes\"\n", "a.toml"); }),
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
