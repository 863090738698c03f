#include "ravine/report/axis_scale.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ravine::report {
namespace {

using ::testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<std::string> labels(const AxisRange& range, Scale scale, int wanted,
                                bool whole = false) {
  std::vector<std::string> result;
  for (const Tick& tick : ticks_for(range, scale, wanted, whole)) {
    if (!tick.minor) result.push_back(tick.label);
  }
  return result;
}

TEST(AxisScale, RangeHoldsAllValuesWithRoomToSpare) {
  const AxisRange range = range_of({3.0, kNan, -1.0, kInfinity}, Scale::kLinear);
  EXPECT_LT(range.low, -1.0);
  EXPECT_GT(range.low, -1.5);
  EXPECT_GT(range.high, 3.0);
  EXPECT_LT(range.high, 3.5);
}

TEST(AxisScale, RangeOfZerosIsThatOfShares) {
  const AxisRange range = range_of({0.0, kNan, 0.0}, Scale::kLinear);
  EXPECT_EQ(range.low, 0.0);
  EXPECT_EQ(range.high, 1.0);
}

TEST(AxisScale, LogRangeIgnoresWhatALogAxisCannotShow) {
  const AxisRange range = range_of({1e-3, 0.0, -5.0, 10.0, kNan}, Scale::kLog10);
  EXPECT_GT(range.low, 1e-4);
  EXPECT_LT(range.low, 1e-3);
  EXPECT_GT(range.high, 10.0);
}

TEST(AxisScale, RangeIsNeverEmpty) {
  for (const std::vector<double>& values :
       {std::vector<double>{}, {0.0}, {5.0, 5.0}, {kNan}, {1e-300}, {1e308}}) {
    for (const Scale scale : {Scale::kLinear, Scale::kLog10}) {
      const AxisRange range = range_of(values, scale);
      EXPECT_LT(range.low, range.high);
      EXPECT_TRUE(std::isfinite(range.low) && std::isfinite(range.high));
      EXPECT_TRUE(scale == Scale::kLinear || range.low > 0.0);
      EXPECT_FALSE(ticks_for(range, scale, 5).empty());
    }
  }
}

TEST(AxisScale, PositionRunsFromZeroToOne) {
  EXPECT_DOUBLE_EQ(position_in({2.0, 6.0}, Scale::kLinear, 3.0), 0.25);
  EXPECT_DOUBLE_EQ(position_in({1e-4, 1.0}, Scale::kLog10, 1e-3), 0.25);
  EXPECT_TRUE(std::isnan(position_in({1e-4, 1.0}, Scale::kLog10, 0.0)));
  EXPECT_TRUE(std::isnan(position_in({1e-4, 1.0}, Scale::kLog10, kNan)));
}

TEST(AxisScale, LinearTicksAreRound) {
  EXPECT_THAT(labels({-0.5, 20'300}, Scale::kLinear, 4), ElementsAre("0", "10,000", "20,000"));
  EXPECT_THAT(labels({-210, 420}, Scale::kLinear, 4), ElementsAre("−200", "0", "200", "400"));
  EXPECT_THAT(labels({0.28, 0.51}, Scale::kLinear, 3), ElementsAre("0.3", "0.4", "0.5"));
}

TEST(AxisScale, WholeTicksAreIntegersOnly) {
  EXPECT_THAT(labels({0.9, 3.1}, Scale::kLinear, 8, true), ElementsAre("1", "2", "3"));
}

TEST(AxisScale, LogTicksArePowersOfTenOverManyDecades) {
  EXPECT_THAT(labels({5e-5, 3.0}, Scale::kLog10, 8),
              ElementsAre("10^{−4}", "10^{−3}", "10^{−2}", "10^{−1}", "1"));
  EXPECT_LE(labels({1e-200, 1e200}, Scale::kLog10, 8).size(), 8U);
}

TEST(AxisScale, LogTicksAreOneTwoFiveOverFewDecades) {
  EXPECT_THAT(labels({0.08, 1.1}, Scale::kLog10, 8), ElementsAre("0.1", "0.2", "0.5", "1"));
  EXPECT_THAT(labels({1.5e-6, 2.2e-5}, Scale::kLog10, 8),
              ElementsAre("2·10^{−6}", "5·10^{−6}", "10^{−5}", "2·10^{−5}"));
}

TEST(AxisScale, LogTicksAreCloserWithinADecade) {
  EXPECT_THAT(labels({0.26, 0.97}, Scale::kLog10, 8),
              ElementsAre("0.3", "0.4", "0.5", "0.6", "0.8"));
}

TEST(AxisScale, LogTicksOfANarrowRangeAreStillTwoOrMore) {
  EXPECT_GE(labels({0.61, 0.74}, Scale::kLog10, 5).size(), 2U);
}

TEST(AxisScale, TicksStayInsideTheRange) {
  for (const Scale scale : {Scale::kLinear, Scale::kLog10}) {
    for (const AxisRange range : {AxisRange{0.3, 0.9}, {1e-7, 3.0}, {4.0, 1e5}, {0.02, 7.0}}) {
      for (const Tick& tick : ticks_for(range, scale, 6)) {
        EXPECT_GE(tick.value, range.low);
        EXPECT_LE(tick.value, range.high);
      }
    }
  }
}

}  // namespace
}  // namespace ravine::report
