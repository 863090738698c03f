#include "ravine/report/power_law.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace ravine::report {
namespace {

TEST(PowerLaw, IsFoundWhereItHolds) {
  const auto law = power_law({1e-4, 1e-2, 1.0}, {3e-6, 3e-3, 3.0});
  ASSERT_TRUE(law.has_value());
  EXPECT_NEAR(law->exponent, 1.5, 1e-12);
  EXPECT_NEAR(law->margin, 0.0, 1e-9);
  EXPECT_EQ(law->points, 3U);
  EXPECT_FALSE(is_proportional(*law));
}

TEST(PowerLaw, CountsNoPointThatALogAxisCannotShow) {
  EXPECT_EQ(power_law({1, 10, 100, 1000}, {1, 10, NAN, 1000})->points, 3U);
  EXPECT_FALSE(power_law({1, 10, 100}, {0, 10, 100}).has_value());
}

TEST(PowerLaw, NeedsThreePointsThatRiseTogether) {
  EXPECT_FALSE(power_law({1, 10}, {1, 10}).has_value()) << "two points fit any power";
  EXPECT_FALSE(power_law({1, 10, 100}, {100, 10, 1}).has_value()) << "falling";
  EXPECT_FALSE(power_law({1, 10, 100}, {5, 5, 5}).has_value()) << "flat";
  EXPECT_FALSE(power_law({1e-5, 0.1, 1}, {1.9e-4, 0.11, 2.8}).has_value()) << "no straight line";
}

TEST(PowerLaw, SaysInProportionOnlyNearOne) {
  EXPECT_TRUE(is_proportional({.exponent = 0.98, .margin = 0.0, .points = 3}));
  EXPECT_TRUE(is_proportional({.exponent = 1.1, .margin = 0.2, .points = 3}));
  EXPECT_FALSE(is_proportional({.exponent = 0.93, .margin = 0.01, .points = 6}));
}

}  // namespace
}  // namespace ravine::report
