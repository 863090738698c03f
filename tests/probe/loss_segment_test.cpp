#include "ravine/probe/loss_segment.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"

namespace ravine {
namespace {

// (x^2 - 1)^2 + y^2, two points at a time.
void wells(std::span<const double> points, std::span<double> losses) {
  for (std::size_t k = 0; k < losses.size(); ++k) {
    const double x = points[2 * k], y = points[2 * k + 1];
    losses[k] = (x * x - 1) * (x * x - 1) + y * y;
  }
}

TEST(LossSegment, HasTheBarrierBetweenTwoWells) {
  const LossSegment segment =
      loss_segment(std::vector<double>{-1, 0}, std::vector<double>{1, 0}, 101, 2, wells);
  ASSERT_EQ(segment.t.size(), 101u);
  EXPECT_EQ(segment.loss.front(), 0);
  EXPECT_EQ(segment.loss.back(), 0);
  const Barrier barrier = barrier_of(segment);
  EXPECT_NEAR(barrier.height, 1, 1e-14);
  EXPECT_NEAR(barrier.at, 0.5, 1e-14);
}

TEST(LossSegment, MeasuresItAboveTheLineBetweenTheEnds) {
  // Along y alone the loss is convex: it rises, but never above the line.
  const LossSegment up =
      loss_segment(std::vector<double>{1, 0}, std::vector<double>{1, 3}, 11, 2, wells);
  EXPECT_EQ(up.loss.back(), 9);
  EXPECT_EQ(barrier_of(up).height, 0);
  EXPECT_EQ(barrier_of(up).at, 0);
  EXPECT_DOUBLE_EQ(barrier_of({{0, 0.5, 1}, {1, 4, 3}}).height, 2);
}

TEST(LossSegment, OfLossesThatAreNotFiniteHasNoBarrier) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(std::isnan(barrier_of({{0, 0.5, 1}, {1, infinity, 1}}).height));
}

TEST(LossSegment, RefusesEndsOfDifferentSizes) {
  EXPECT_THROW(loss_segment(std::vector<double>{0, 0}, std::vector<double>{0, 0, 0}, 3, 2, wells),
               ShapeError);
}

TEST(PlaneThrough, HoldsItsThreePointsInOrthogonalCoordinatesOfOneUnit) {
  const std::vector<double> a{1, 2, 3}, b{2, 0, 1}, c{0, 5, -2};
  const SlicePlane plane = plane_through(a, b, c);
  const PlanePosition at_a = position_in(plane, a), at_b = position_in(plane, b);
  const PlanePosition at_c = position_in(plane, c);
  EXPECT_NEAR(at_a.x, 0, 1e-14);
  EXPECT_NEAR(at_a.y, 0, 1e-14);
  EXPECT_NEAR(at_b.x, 1, 1e-14);
  EXPECT_NEAR(at_b.y, 0, 1e-14);
  EXPECT_GT(at_c.y, 0);
  EXPECT_NEAR(at_c.distance, 0, 1e-13);
  const std::span<const double> first(plane.first), second(plane.second);
  EXPECT_NEAR(dot(first, second), 0, 1e-13);
  EXPECT_NEAR(squared_norm(first), 9, 1e-13);
  EXPECT_NEAR(squared_norm(second), 9, 1e-13);
}

TEST(PlaneThrough, RefusesPointsOnALine) {
  const std::vector<double> a{0, 0}, b{1, 1}, c{3, 3};
  EXPECT_THROW(plane_through(a, b, c), ConfigError);
  EXPECT_THROW(plane_through(a, a, b), ConfigError);
  EXPECT_THROW(plane_through(a, b, std::vector<double>{1}), ShapeError);
}

}  // namespace
}  // namespace ravine
