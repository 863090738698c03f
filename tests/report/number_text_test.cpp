#include "ravine/report/number_text.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace ravine::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(NumberText, GroupsThousands) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(18'760), "18,760");
  EXPECT_EQ(count_text(1'234'567), "1,234,567");
  EXPECT_EQ(count_text(-134'400), "−134,400");
}

TEST(NumberText, KeepsSignificantDigits) {
  EXPECT_EQ(number_text(0.79206), "0.792");
  EXPECT_EQ(number_text(2.0), "2.00");
  EXPECT_EQ(number_text(132.4), "132");
  EXPECT_EQ(number_text(-0.0265), "−0.0265");
  EXPECT_EQ(number_text(0.0), "0");
}

TEST(NumberText, WritesVeryLargeAndSmallNumbersAsPowersOfTen) {
  EXPECT_EQ(number_text(2.6e-6, 2), "2.6·10⁻⁶");
  EXPECT_EQ(number_text(1e-14, 2), "10⁻¹⁴");
  EXPECT_EQ(number_text(3e20, 2), "3·10²⁰");
  EXPECT_EQ(number_text(-4.2e-4, 2), "−4.2·10⁻⁴");
}

TEST(NumberText, ShowsAlphaAsPeopleWriteIt) {
  EXPECT_EQ(power_text(1.0), "1");
  EXPECT_EQ(power_text(0.1), "0.1");
  EXPECT_EQ(power_text(0.01), "0.01");
  EXPECT_EQ(power_text(0.001), "10⁻³");
  EXPECT_EQ(power_text(3e-5), "3·10⁻⁵");
  EXPECT_EQ(power_text(2.5e-5), "2.50·10⁻⁵");
}

TEST(NumberText, NeverShowsNan) {
  EXPECT_EQ(count_text(kNan), "–");
  EXPECT_EQ(number_text(kNan), "–");
  EXPECT_EQ(power_text(kNan), "–");
  EXPECT_EQ(percent_text(kNan), "–");
  EXPECT_EQ(number_text(-kInfinity), "−∞");
}

TEST(NumberText, NeverShowsMinusZero) {
  EXPECT_EQ(fixed_text(-1e-9, 2), "0.00");
  EXPECT_EQ(count_text(-0.0), "0");
}

TEST(NumberText, ShowsSharesInPercent) { EXPECT_EQ(percent_text(0.97561), "97.6 %"); }

TEST(NumberText, ShowsDeviationsOfAMultipleAsAFactor) {
  EXPECT_EQ(deviation_text(0.051), "5.1 %");
  EXPECT_EQ(deviation_text(4.526), "a factor of 5.5");
  EXPECT_EQ(deviation_text(kNan), "–");
}

TEST(NumberText, RaisesTheExponentsOfATextsNumbers) {
  EXPECT_EQ(with_powers("norm is 2e-06 times, at 9.77e-12; 1e-3, 1e+06."),
            "norm is 2·10⁻⁶ times, at 9.77·10⁻¹²; 10⁻³, 10⁶.");
  EXPECT_EQ(with_powers("layer2e5x 0.5 e-3 7"), "layer2e5x 0.5 e-3 7");
  EXPECT_EQ(with_powers(""), "");
}

}  // namespace
}  // namespace ravine::report
