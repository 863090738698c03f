#include "ravine/study/landscape_slice.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "ravine/study/landscape.hpp"

namespace ravine {
namespace {

class LandscapeSlicing : public ::testing::Test {
 protected:
  LandscapeSlicing() { context_.team = &team_; }

  LandscapeProblem problem(std::size_t rank, std::size_t measurements) {
    LandscapeConfig config;
    config.dimension = 8;
    config.true_rank = rank;
    config.measurements = measurements;
    return landscape_problem(config, team_);
  }

  ThreadTeam team_{1};
  StudyContext context_;
};

TEST_F(LandscapeSlicing, ThePlaneHoldsTheCriticalPointsItIsMarkedWith) {
  for (const std::size_t rank : {1, 2, 4}) {
    const LandscapeProblem at = problem(rank, 100);
    const SlicePlane plane = slice_plane(at, 7);
    MatrixSensing loss = loss_of(at, LossKind::population, 1, team_);
    for (const double x : {-1, 0, 1}) {
      for (const double y : {-1, 0, 1}) {
        if (rank == 1 && y != 0) continue;
        const PointExamination point = examine_point(loss, plane.at(x, y), tolerances_of(at));
        const bool is_minimum = x != 0 && (rank == 1 || y != 0);
        EXPECT_EQ(point.kind, is_minimum ? PointKind::minimum : PointKind::strict_saddle)
            << rank << ": " << x << ", " << y;
        if (is_minimum) {
          EXPECT_LT(point.loss, 1e-20 * at.sigma[0] * at.sigma[0]);
        }
      }
    }
  }
}

TEST_F(LandscapeSlicing, IsOfThePopulationLossAndOfThatOfTheInstance) {
  const LandscapeProblem at = problem(2, 100);
  const SlicePlane plane = slice_plane(at, 7);
  SliceOptions options;
  options.points = 7;
  options.draws = 1;
  const LandscapeSlices found = slice_landscape(at, options, context_);
  ASSERT_EQ(found.slices.size(), 3u);
  EXPECT_EQ(found.slices[1].measurements, 6u);
  EXPECT_EQ(found.slices[2].measurements, 100u);
  const auto direct = [&](LossKind kind, double x, double y) {
    MatrixSensing objective = loss_of(at, kind, 1, team_);
    return claim_at(objective, plane.at(x, y), 0).losses[0];
  };
  for (const std::size_t s : {0, 2}) {
    const LossSlice& slice = found.slices[s].slice;
    ASSERT_EQ(slice.loss.size(), 49u);
    for (const std::size_t i : {0, 10, 24, 48}) {
      const double loss = direct(found.slices[s].kind, slice.x[i % 7], slice.y[i / 7]);
      EXPECT_NEAR(slice.loss[i], loss, 1e-10 * at.sigma[0] * at.sigma[0]);
    }
  }
}

TEST_F(LandscapeSlicing, DescentOnThePopulationLossStaysInThePlaneAndEndsAtAMinimum) {
  for (const std::size_t rank : {1, 3}) {
    const LandscapeProblem at = problem(rank, 200);
    SliceOptions options;
    options.points = 3;
    options.draws = 0;
    const LandscapeSlices found = slice_landscape(at, options, context_);
    for (const SlicePath& path : found.slices[0].paths) {
      EXPECT_LT(path.loss.back(), 1e-6 * path.loss.front());
      for (const PlanePosition& position : path.positions) {
        EXPECT_LT(position.distance, 1e-9 * std::sqrt(at.sigma[0]));
      }
    }
    double farthest = 0;
    for (const SlicePath& path : found.slices[2].paths) {
      for (const PlanePosition& position : path.positions) {
        farthest = std::max(farthest, position.distance);
      }
    }
    EXPECT_GT(farthest, 1e-3 * std::sqrt(at.sigma[0])) << "noise pushes it out";
  }
}

TEST_F(LandscapeSlicing, TheSampledLossDeviatesAsTheInverseRootOfTheMeasurements) {
  const LandscapeProblem at = problem(1, 4000);
  SliceOptions options;
  options.points = 3;
  options.draws = 24;
  const LandscapeSlices found = slice_landscape(at, options, context_);
  ASSERT_EQ(found.deviations.size(), 5u * 24u);
  EXPECT_EQ(found.deviations.front().measurements, 250u);
  EXPECT_EQ(found.deviations.back().measurements, 4000u);
  EXPECT_NEAR(found.fit.slope, -0.5, 0.1);
}

}  // namespace
}  // namespace ravine
