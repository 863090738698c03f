#include "ravine/report/thinning.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/median.hpp"
#include "support/vectors.hpp"

namespace ravine::report {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST(Thinning, KeepsPeaksOfACrowdedCurve) {
  std::vector<PixelPoint> curve;
  for (int i = 0; i < 18'760; ++i) curve.push_back({i * 600.0 / 18'760, 50.0 + (i % 7)});
  curve[7'001].y = 300.0;
  curve[12'345].y = -40.0;
  const std::vector<std::size_t> kept = points_worth_drawing(curve);
  EXPECT_LE(kept.size(), 4U * 601U);
  EXPECT_THAT(kept, Contains(7'001U));
  EXPECT_THAT(kept, Contains(12'345U));
  EXPECT_EQ(kept.front(), 0U);
  EXPECT_EQ(kept.back(), curve.size() - 1);
  EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end()));
}

TEST(Thinning, DropsPointsOnAStraightLine) {
  std::vector<PixelPoint> curve;
  for (int i = 0; i <= 500; ++i) curve.push_back({i * 1.0, i * 0.5});
  EXPECT_THAT(points_worth_drawing(curve), ElementsAre(0, 500));
}

TEST(Thinning, StaysWithinItsToleranceOfASmoothCurve) {
  std::vector<PixelPoint> curve;
  for (int i = 0; i <= 600; ++i) curve.push_back({i * 1.0, 100.0 * std::exp(-i / 80.0)});
  const std::vector<std::size_t> kept = points_worth_drawing(curve);
  EXPECT_LT(kept.size(), 40U);
  for (std::size_t k = 0; k + 1 < kept.size(); ++k) {
    const PixelPoint& a = curve[kept[k]];
    const PixelPoint& b = curve[kept[k + 1]];
    for (std::size_t i = kept[k]; i < kept[k + 1]; ++i) {
      const double on_chord = a.y + (b.y - a.y) * (curve[i].x - a.x) / (b.x - a.x);
      EXPECT_NEAR(on_chord, curve[i].y, 0.5);
    }
  }
}

TEST(Thinning, KeepsEveryDotThatHasAPixelOfItsOwn) {
  const std::vector<PixelPoint> dots{{2.1, 0},  {1.5, 3},   {1.2, 7.1}, {1.9, 20},
                                     {1.1, 40}, {1.3, 7.9}, {NAN, 1},   {2.9, 0.5}};
  EXPECT_THAT(dots_worth_drawing(dots), ElementsAre(0, 1, 2, 3, 4));
}

TEST(Thinning, KeepsTheCornersOfAPathThatTurnsBack) {
  std::vector<PixelPoint> path;
  for (int i = 0; i <= 50; ++i) path.push_back({i * 1.0, 0.0});
  for (int i = 49; i >= 10; --i) path.push_back({i * 1.0, 50.0 - i});
  EXPECT_THAT(corners_of(path), ElementsAre(0, 50, 90));
  EXPECT_TRUE(corners_of({}).empty());
}

TEST(Thinning, KeepsGapsAsGaps) {
  const double nan = std::nan("");
  const std::vector<PixelPoint> curve{{0, 1}, {1, nan}, {2, nan}, {3, 1}, {4, 5}};
  EXPECT_THAT(points_worth_drawing(curve), ElementsAre(0, 1, 3, 4));
}

TEST(Thinning, TakesEmptyAndLonelyPoints) {
  const double nan = std::nan("");
  EXPECT_TRUE(points_worth_drawing({}).empty());
  EXPECT_THAT(points_worth_drawing({{3, 4}}), ElementsAre(0));
  EXPECT_THAT(points_worth_drawing({{nan, nan}, {nan, nan}}), ElementsAre(0));
}

TEST(RunningMedian, FollowsTheMiddleAndNotTheSpikes) {
  EXPECT_THAT(running_median({1, 2, 900, 3, 4}, 1), ElementsAre(1.5, 2, 3, 4, 3.5));
  EXPECT_THAT(running_median({7, 8}, 0), ElementsAre(7, 8));
  EXPECT_TRUE(running_median({}, 3).empty());
}

TEST(RunningMedian, IsTheMedianOfEveryWindow) {
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> values = ravine::testing::normals(200, "values");
  for (const std::size_t i : {0, 17, 18, 90, 199}) values[i] = values[60];  // and one four times
  values[40] = std::nan("");
  values[41] = infinity;
  values[120] = -infinity;
  for (const std::size_t half : {0, 1, 2, 7, 150, 400}) {
    const std::vector<double> medians = running_median(values, half);
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::vector<double> window;
      for (std::size_t j = i - std::min(i, half); j < std::min(values.size(), i + half + 1); ++j) {
        if (std::isfinite(values[j])) window.push_back(values[j]);
      }
      if (window.empty()) {
        EXPECT_TRUE(std::isnan(medians[i])) << half << ", " << i;
      } else {
        EXPECT_EQ(medians[i], median(window)) << half << ", " << i;
      }
    }
  }
}

TEST(RunningMedian, SkipsWhatIsNotANumber) {
  const double nan = std::nan("");
  const std::vector<double> medians = running_median({nan, 4, nan, nan, nan}, 1);
  EXPECT_EQ(medians[0], 4.0);
  EXPECT_EQ(medians[2], 4.0);
  EXPECT_TRUE(std::isnan(medians[4]));
}

}  // namespace
}  // namespace ravine::report
