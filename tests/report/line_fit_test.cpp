#include "ravine/report/line_fit.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace ravine::report {
namespace {

TEST(LineFit, FindsTheLineThroughPointsOnIt) {
  const LineFit fit = fit_line({1e6, 1e6 + 1, 1e6 + 2}, {-3.0, -5.5, -8.0});
  EXPECT_NEAR(fit.slope, -2.5, 1e-9);
  EXPECT_NEAR(fit.intercept + 1e6 * fit.slope, -3.0, 1e-6);
}

TEST(LineFit, MinimisesSquares) {
  EXPECT_NEAR(fit_line({0, 1, 2, 3}, {0, 2, 1, 3}).slope, 0.8, 1e-12);
}

TEST(LineFit, LeavesOutWhatIsNotANumber) {
  const LineFit fit = fit_line({0, 1, 2, 3}, {0, std::nan(""), 4, INFINITY});
  EXPECT_EQ(fit.points, 2U);
  EXPECT_NEAR(fit.slope, 2.0, 1e-12);
}

TEST(LineFit, HasNoSlopeForFewerThanTwoPlaces) {
  EXPECT_TRUE(std::isnan(fit_line({}, {}).slope));
  EXPECT_TRUE(std::isnan(fit_line({1, 1}, {2, 3}).slope));
}

}  // namespace
}  // namespace ravine::report
