#include "ravine/diagnosis/step_series.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "support/vectors.hpp"

namespace ravine {
namespace {

StepSeries series_of(const std::vector<double>& values) {
  StepSeries series;
  for (const double value : values) series.add(value);
  return series;
}

TEST(StepSeries, GivesTheExactMedianOfAFewSteps) {
  EXPECT_EQ(series_of({3, 1, 2}).median(), 2);
  EXPECT_EQ(series_of({4, 1, 3, 2}).median(), 2.5);
  std::vector<double> many = testing::normals(StepSeries::kMostBlocks, "series");
  const double median = series_of(many).median();
  std::ranges::sort(many);
  EXPECT_EQ(median, (many[255] + many[256]) / 2);
}

TEST(StepSeries, LooksAtPartsOfTheTime) {
  const StepSeries series = series_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  EXPECT_EQ(series.median(0, 0.1), 1);
  EXPECT_EQ(series.median(0.9, 1), 10);
  EXPECT_EQ(series.median(0, 0.5), 3);
  EXPECT_EQ(series_of({7}).median(0.9, 1), 7);
}

TEST(StepSeries, PassesOverValuesThatAreNotFinite) {
  const StepSeries series = series_of({1, NAN, INFINITY, 3});
  EXPECT_EQ(series.steps(), 4);
  EXPECT_EQ(series.median(), 2);
  EXPECT_TRUE(std::isnan(series_of({NAN}).median()));
  EXPECT_TRUE(std::isnan(StepSeries().median()));
  EXPECT_TRUE(std::isnan(series_of({NAN, 1}).first()));
}

// Numbers of steps around those at which blocks become longer.
TEST(StepSeries, CoversEveryStepOnceInBoundedMemory) {
  for (const std::int64_t steps : {511, 512, 513, 1024, 1025, 1535, 100'003}) {
    StepSeries series;
    for (std::int64_t s = 0; s < steps; ++s) series.add(static_cast<double>(s));
    ASSERT_LE(series.blocks().size(), StepSeries::kMostBlocks) << steps;
    ASSERT_GE(series.blocks().size(), std::min<std::size_t>(steps, 256)) << steps;
    std::int64_t covered = 0;
    for (const StepBlock& block : series.blocks()) {
      const auto begin = static_cast<double>(covered);
      EXPECT_EQ(block.mean(), begin + (static_cast<double>(block.steps) - 1) / 2) << steps;
      covered += block.steps;
    }
    EXPECT_EQ(covered, steps);
    EXPECT_EQ(series.first(), 0);
    EXPECT_NEAR(series.median(), static_cast<double>(steps - 1) / 2,
                0.01 * static_cast<double>(steps));
  }
}

}  // namespace
}  // namespace ravine
