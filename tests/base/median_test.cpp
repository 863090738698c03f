#include "ravine/base/median.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace ravine {
namespace {

TEST(Median, IsTheMiddleOfAnOddNumberOfValues) {
  EXPECT_EQ(median({7}), 7);
  EXPECT_EQ(median({9, -1, 4}), 4);
}

TEST(Median, IsTheMeanOfBothMiddlesOfAnEvenNumber) {
  EXPECT_EQ(median({1, 4}), 2.5);
  EXPECT_EQ(median({8, 1, 100, 2}), 5);
}

TEST(Median, MayBeInfinite) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(median({kInfinity, 1, kInfinity, kInfinity}), kInfinity);
}

TEST(Median, CountsNoNaN) {
  EXPECT_EQ(median({NAN, 3, 1, NAN, 2}), 2);
  EXPECT_EQ(median({NAN, 5}), 5);
}

TEST(Median, OfNothingIsNaN) {
  EXPECT_TRUE(std::isnan(median({})));
  EXPECT_TRUE(std::isnan(median({NAN, NAN})));
}

}  // namespace
}  // namespace ravine
