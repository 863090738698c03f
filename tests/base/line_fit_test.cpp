#include "ravine/base/line_fit.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace ravine {
namespace {

TEST(LineFit, FindsTheLineThroughPointsOnIt) {
  const LineFit fit = fit_line({1e6, 1e6 + 1, 1e6 + 2}, {-3.0, -5.5, -8.0});
  EXPECT_NEAR(fit.slope, -2.5, 1e-9);
  EXPECT_NEAR(fit.intercept + 1e6 * fit.slope, -3.0, 1e-6);
}

TEST(LineFit, MinimisesSquares) {
  EXPECT_NEAR(fit_line({0, 1, 2, 3}, {0, 2, 1, 3}).slope, 0.8, 1e-12);
}

TEST(LineFit, GivesTheTextbookConfidenceInterval) {
  // Residuals -.3, .9, -.9, .3 with two degrees of freedom: t = 4.303.
  EXPECT_NEAR(fit_line({0, 1, 2, 3}, {0, 2, 1, 3}).slope_margin, 4.303 * std::sqrt(0.9 / 5), 1e-9);
  EXPECT_EQ(fit_line({0, 1}, {0, 2}).slope_margin, INFINITY);
}

TEST(LineFit, HasTheRightQuantileForManyPoints) {
  // Alternating residuals of +-1 around a level line; t(0.975, 98) = 1.98447.
  std::vector<double> x, y;
  for (int i = 0; i < 100; ++i) {
    x.push_back(i);
    y.push_back(i % 2 == 0 ? 1 : -1);
  }
  const LineFit fit = fit_line(x, y);
  double residual = 0, xx = 0;
  for (int i = 0; i < 100; ++i) {
    residual += std::pow(y[i] - fit.intercept - fit.slope * x[i], 2);
    xx += (i - 49.5) * (i - 49.5);
  }
  EXPECT_NEAR(fit.slope_margin, 1.98447 * std::sqrt(residual / 98 / xx), 1e-6);
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
}  // namespace ravine
