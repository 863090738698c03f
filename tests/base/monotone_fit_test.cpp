#include "ravine/base/monotone_fit.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace ravine {
namespace {

const std::vector<double> kX = {1, 2, 3, 4};
const std::vector<double> kEqual = {1, 1, 1, 1};

double crossing(const std::vector<double>& shares, const std::vector<double>& weights = kEqual) {
  return rising_crossing(kX, shares, weights, 0.5);
}

TEST(RisingCrossing, LiesOnTheLineBetweenTheTwoPlaces) {
  EXPECT_DOUBLE_EQ(crossing({0, 0.25, 0.75, 1}), 2.5);
  EXPECT_DOUBLE_EQ(crossing({0, 0, 1, 1}), 2.5);
  EXPECT_DOUBLE_EQ(crossing({0, 0.5, 0.9, 1}), 2);
}

TEST(RisingCrossing, PoolsSharesThatFall) {
  // 0.8 and 0.2 become 0.5 each, with weights 1 and 3 they become 0.35.
  EXPECT_DOUBLE_EQ(crossing({0, 0.8, 0.2, 1}), 2);
  EXPECT_DOUBLE_EQ(crossing({0, 0.8, 0.2, 1}, {1, 1, 3, 1}), 3 + 0.15 / 0.65);
}

TEST(RisingCrossing, LeavesOutPlacesWithoutTrials) {
  EXPECT_DOUBLE_EQ(crossing({0, NAN, 1, 1}, {1, 0, 1, 1}), 2);
}

TEST(RisingCrossing, IsNoneWhereTheLevelIsNotCrossed) {
  EXPECT_TRUE(std::isnan(crossing({0, 0, 0.2, 0.4})));
  EXPECT_TRUE(std::isnan(crossing({1, 1, 1, 1})));
  EXPECT_TRUE(std::isnan(crossing({0, 1, 1, 1}, {0, 0, 0, 0})));
}

}  // namespace
}  // namespace ravine
