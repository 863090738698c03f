#include "ravine/study/landscape_search.hpp"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/study/landscape.hpp"
#include "ravine/study/landscape_escape.hpp"

namespace ravine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LandscapeSearch : public ::testing::Test {
 protected:
  LandscapeSearch() { context_.team = &team_; }

  LandscapeProblem problem(std::size_t dimension, std::size_t rank, std::size_t measurements) {
    LandscapeConfig config;
    config.dimension = dimension;
    config.true_rank = rank;
    config.measurements = measurements;
    return landscape_problem(config, team_);
  }
  CriticalPointSearch search(const LandscapeProblem& problem, LossKind kind, std::size_t starts) {
    return seek_critical_points(problem, kind, {starts, 1234}, context_);
  }

  ThreadTeam team_{1};
  StudyContext context_;
};

TEST_F(LandscapeSearch, ListsOnePointForEverySubsetOfEigenpairs) {
  const LandscapeProblem two = problem(6, 2, 60);
  const std::vector<ListedPoint> points = listed_points(two);
  const double s1 = two.sigma[0], s2 = two.sigma[1];
  std::vector<std::string> names;
  for (const ListedPoint& point : points) names.push_back(name_of_kept(point.kept));
  EXPECT_THAT(names, ElementsAre("none", "2", "1", "all"));
  EXPECT_DOUBLE_EQ(points[0].loss, (s1 * s1 + s2 * s2) / 2);
  EXPECT_DOUBLE_EQ(points[1].loss, s1 * s1 / 2);
  EXPECT_DOUBLE_EQ(points[1].smallest_eigenvalue, -2 * s1);
  EXPECT_DOUBLE_EQ(points[2].smallest_eigenvalue, -2 * s2);
  // At 0 both eigenpairs may grow in either column. Where one is kept, the other may grow in the
  // free column, and the second, kept, may also be exchanged for the first.
  EXPECT_EQ(points[0].negative_directions, 4u);
  EXPECT_EQ(points[1].negative_directions, 2u);
  EXPECT_EQ(points[2].negative_directions, 1u);
  EXPECT_EQ(points[3].kind, PointKind::minimum);
}

TEST_F(LandscapeSearch, FindsAllOfTheListAndNothingElseForThePopulationLoss) {
  for (const std::size_t rank : {1, 2, 3}) {
    const LandscapeProblem at = problem(8, rank, 100);
    const CriticalPointSearch found = search(at, LossKind::population, 60 * rank);
    EXPECT_EQ(found.points.size(), std::size_t{1} << rank);
    EXPECT_EQ(found.gradient_flat + found.unfinished, 0u);
    std::size_t ended = 0;
    for (const FoundPoint& point : found.points) {
      EXPECT_TRUE(point.agrees) << name_of_kept(point.nearest.kept);
      EXPECT_LT(point.spectrum_deviation.value(), 1e-5 * at.sigma[0]);
      EXPECT_NEAR(point.measured.loss, point.nearest.loss, 1e-8 * at.sigma[0] * at.sigma[0]);
      EXPECT_LT(point.measured.curvature.smallest.residual, 1e-6 * at.sigma[0]);
      ended += point.found;
    }
    EXPECT_EQ(ended, found.starts);
  }
}

TEST_F(LandscapeSearch, FindsSaddlesOfTheSampledLossButNoMinimumOtherThanTheTruth) {
  const LandscapeProblem at = problem(10, 2, 300);
  const CriticalPointSearch found = search(at, LossKind::sampled, 40);
  EXPECT_GT(found.points.size(), 4u) << "noise makes saddles of its own";
  std::size_t minima = 0;
  for (const FoundPoint& point : found.points) {
    EXPECT_TRUE(point.agrees);
    EXPECT_LT(point.measured.relative_gradient_norm, 1e-10);
    if (point.measured.kind != PointKind::minimum) continue;
    ++minima;
    EXPECT_LT(point.distance_to_truth, 1e-8 * at.sigma[0]);
  }
  EXPECT_EQ(minima, 1u);
}

TEST_F(LandscapeSearch, RecognisesPointsThatDifferByARotation) {
  const LandscapeProblem at = problem(8, 2, 100);
  const CriticalPointSearch found = search(at, LossKind::population, 60);
  const auto all = std::ranges::find_if(
      found.points, [](const FoundPoint& p) { return name_of_kept(p.nearest.kept) == "all"; });
  ASSERT_NE(all, found.points.end());
  EXPECT_GT(all->found, 1u);  // the minima of two searches are never the same U
}

TEST_F(LandscapeSearch, RefusesAListOfMoreThanAThousand) {
  const LandscapeProblem at = problem(12, 11, 10);
  try {
    listed_points(at);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("at most 10, got 11"));
  }
}

TEST_F(LandscapeSearch, EndsWhenTheUserAsks) {
  const LandscapeProblem at = problem(8, 1, 100);
  int asked = 0;
  context_.interrupted = [&] { return ++asked > 3; };
  EXPECT_EQ(search(at, LossKind::population, 50).starts, 3u);
}

TEST_F(LandscapeSearch, DescentLeavesZeroAtTheRateOfItsLeadingEigenvalue) {
  for (const std::size_t rank : {1, 3}) {
    const LandscapeProblem at = problem(12, rank, 200 * rank);
    for (const double step : {0.02, 0.2, 0.45}) {
      const EscapeOptions options{3000, step, 7};
      const Escape population = escape_from_zero(at, LossKind::population, options, context_);
      EXPECT_NEAR(population.measured_growth, 1 + 2 * step, 1e-4 * step);
      EXPECT_DOUBLE_EQ(population.population_growth, 1 + 2 * step);
      EXPECT_TRUE(population.agrees());
      const Escape sampled = escape_from_zero(at, LossKind::sampled, options, context_);
      EXPECT_NEAR(sampled.measured_growth, sampled.own_growth, 1e-4 * step);
      EXPECT_GT(std::abs(sampled.own_growth - sampled.population_growth), 1e-3 * step);
      EXPECT_TRUE(sampled.agrees());
      ASSERT_TRUE(sampled.left);
      EXPECT_NEAR(static_cast<double>(*sampled.left), sampled.predicted_left,
                  3 + 0.3 / std::log(sampled.own_growth));
    }
  }
}

TEST_F(LandscapeSearch, TheRestFollowsItsOwnEigenvaluesOrStays) {
  const LandscapeProblem at = problem(12, 1, 200);
  const Escape escape = escape_from_zero(at, LossKind::population, {3000, 0.2, 7}, context_);
  // X* has no other eigenvalue: the rest neither grows nor shrinks until U is large.
  ASSERT_GT(escape.fitted, 20u);
  EXPECT_NEAR(escape.rest[20], escape.rest[0], 1e-9 * escape.rest[0]);
  EXPECT_LT(escape.rest.back(), escape.rest[0]);
}

}  // namespace
}  // namespace ravine
