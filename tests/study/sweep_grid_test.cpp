#include "ravine/study/sweep_grid.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

using ::ravine::testing::error_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

SweepGrid parse(std::string_view text) { return parse_sweep_grid(toml::parse(text), "p.toml"); }

std::vector<std::string> texts_of(const GridKey& key) {
  std::vector<std::string> texts;
  for (const GridValue& value : key.values) texts.push_back(value.text);
  return texts;
}

std::vector<std::string> values_of(std::string_view text) {
  return texts_of(parse(text).keys.back());
}

std::string refusal(std::string_view text) {
  return error_of<ConfigError>([&] { parse(text); });
}

TEST(SweepGrid, KeepsTheOrderOfTheFileButAlphaChangesQuickest) {
  const SweepGrid grid =
      parse("seed = [1, 2]\nalpha = [0.1, 0.01]\nrank = 3\nmeasurements = [30, 40, 50]\n");
  ASSERT_EQ(grid.keys.size(), 4U);
  EXPECT_EQ(grid.keys[0].name, "seed");
  EXPECT_EQ(grid.keys[1].name, "rank");
  EXPECT_EQ(grid.keys[2].name, "measurements");
  EXPECT_EQ(grid.keys[3].name, "alpha");
  EXPECT_FALSE(grid.keys[1].is_axis);
  EXPECT_EQ(grid.cell_count(), 12U);
  EXPECT_THAT(grid.places(0), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(grid.places(1), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(grid.places(2), ElementsAre(0, 0, 1, 0));
  EXPECT_THAT(grid.places(11), ElementsAre(1, 0, 2, 1));
}

TEST(SweepGrid, SpacesRangesEvenlyOrGeometrically) {
  EXPECT_THAT(values_of("step = { start = 0.1, stop = 0.4, count = 4 }"),
              ElementsAre("0.1", "0.2", "0.3", "0.4"));
  EXPECT_THAT(values_of("alpha = { start = 1.0, stop = 1e-3, count = 4, scale = 'geometric' }"),
              ElementsAre("1", "0.1", "0.01", "0.001"));
  EXPECT_THAT(values_of("measurements = { start = 10, stop = 1000, count = 4, scale = "
                        "'geometric' }"),
              ElementsAre("10", "46", "215", "1000"));
  EXPECT_THAT(values_of("rank = { start = 20, stop = 1, count = 2 }"), ElementsAre("20", "1"));
}

TEST(SweepGrid, MultipliesOtherOptionsAndRounds) {
  const SweepGrid grid = parse(
      "dimension = 10\ntrue-rank = [1, 3]\nrank = { of = ['true-rank'], times = 2 }\n"
      "measurements = { of = ['dimension', 'true-rank'], times = [0.55, 2] }\n");
  EXPECT_EQ(grid.cell_count(), 4U);
  EXPECT_FALSE(grid.keys[2].is_axis);
  EXPECT_TRUE(grid.keys[3].is_axis);
  EXPECT_EQ(grid.value(2, grid.places(2)).text, "6");
  EXPECT_EQ(grid.value(3, grid.places(0)).text, "6");   // 5.5
  EXPECT_EQ(grid.value(3, grid.places(2)).text, "17");  // 16.5
  EXPECT_EQ(grid.value(3, grid.places(3)).text, "60");
}

TEST(SweepGrid, TakesTextsAndWhatIsAboutTheSweep) {
  const SweepGrid grid =
      parse("title = 'T'\nquestion = 'Q?'\nsuccess = 0.01\nrule = ['gd', 'lbfgs']\n");
  EXPECT_EQ(grid.success, 0.01);
  EXPECT_EQ(grid.title, "T");
  EXPECT_EQ(grid.question, "Q?");
  EXPECT_THAT(texts_of(grid.keys.at(0)), ElementsAre("gd", "lbfgs"));
}

TEST(SweepGrid, RefusesAxesThatAreNone) {
  EXPECT_THAT(refusal("rank = 1\nstep = []"), HasSubstr("p.toml line 2, step: expected at least"));
  EXPECT_THAT(refusal("step = [0.1, 0.10]"), HasSubstr("different values, got 0.1 twice"));
  EXPECT_THAT(refusal("step = [0.1, 'a']"), HasSubstr("numbers alone or texts alone"));
  EXPECT_THAT(refusal("step = [[0.1], [0.2]]"), HasSubstr("another kind of value"));
  EXPECT_THAT(refusal("step = 2001-01-01"), HasSubstr("another kind of value"));
  EXPECT_THAT(refusal("rule = \"\"\"a\nb\"\"\""), HasSubstr("one line"));
  EXPECT_THAT(refusal("title = 3"), HasSubstr("title: expected a text"));
  EXPECT_THAT(refusal("success = 'big'"), HasSubstr("success: expected a number"));
}

TEST(SweepGrid, RefusesNumbersThatAreNotFinite) {
  EXPECT_THAT(refusal("step = [0.1, inf]"), HasSubstr("finite numbers, got inf"));
  EXPECT_THAT(refusal("step = nan"), HasSubstr("finite numbers, got nan"));
  EXPECT_THAT(refusal("step = { start = 0, stop = inf, count = 3 }"), HasSubstr("got inf"));
}

TEST(SweepGrid, RefusesTablesOfOtherShapes) {
  EXPECT_THAT(refusal("step = {}"), HasSubstr("no number 'start'"));
  EXPECT_THAT(refusal("step = { start = 1, stop = 2 }"), HasSubstr("count: a whole number"));
  EXPECT_THAT(refusal("step = { start = 1, stop = 2, count = 1 }"), HasSubstr("count"));
  EXPECT_THAT(refusal("step = { start = 1, stop = 2, count = 2.5 }"), HasSubstr("count"));
  EXPECT_THAT(refusal("step = { start = 'a', stop = 2, count = 3 }"), HasSubstr("'start'"));
  EXPECT_THAT(refusal("step = { start = 1, stop = 2, count = 3, by = 1 }"), HasSubstr("'by'"));
  EXPECT_THAT(refusal("step = { start = 1, stop = 2, count = 3, scale = 'log' }"),
              HasSubstr("linear or geometric, got 'log'"));
  EXPECT_THAT(refusal("step = { start = 1, stop = 2, count = 3, scale = 5 }"), HasSubstr("scale"));
  EXPECT_THAT(refusal("step = { start = 0, stop = 2, count = 3, scale = 'geometric' }"),
              HasSubstr("above 0"));
  EXPECT_THAT(refusal("step = { start = 1, stop = 1, count = 3 }"), HasSubstr("1 twice"));
  EXPECT_THAT(refusal("rank = { times = 2 }"), HasSubstr("rank"));
}

TEST(SweepGrid, RefusesMultiplesOfWhatIsNoNumberHere) {
  EXPECT_THAT(refusal("rank = { of = ['true-rank'], times = 2 }"), HasSubstr("'true-rank'"));
  EXPECT_THAT(refusal("rule = 'gd'\nrank = { of = ['rule'], times = 2 }"), HasSubstr("'rule'"));
  EXPECT_THAT(refusal("rank = { of = ['rank'], times = 2 }"), HasSubstr("'rank'"));
  EXPECT_THAT(refusal("rank = { of = [], times = 2 }"), HasSubstr("got []"));
  EXPECT_THAT(refusal("rank = { of = 'dimension', times = 2 }"), HasSubstr("array of options"));
  EXPECT_THAT(refusal("dimension = 5\nrank = { of = ['dimension'], times = ['a'] }"),
              HasSubstr("times: numbers"));
}

TEST(SweepGrid, ReadsTheStudies) {
  const auto cells = [](const std::string& name) {
    const std::string path = RAVINE_SOURCE_DIR "/experiments/sweeps/" + name + ".toml";
    return parse_sweep_grid(toml::parse_file(path), path).cell_count();
  };
  EXPECT_EQ(cells("phase-transition"), 20U * 20 * 10);
  EXPECT_EQ(cells("alpha"), 11U * 4 * 5);
}

TEST(SweepGrid, RefusesTooManyCells) {
  const std::string axis = " = { start = 1, stop = 1000, count = 1000 }\n";
  EXPECT_THAT(refusal("seed" + axis + "rank" + axis),
              HasSubstr("at most 100000 cells, got 1000000"));
}

}  // namespace
}  // namespace ravine
