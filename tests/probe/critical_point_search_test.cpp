#include "ravine/probe/critical_point_search.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/quadratic.hpp"

namespace ravine {
namespace {

// (x^2 - 1)^2 + (y^2 - 1)^2 has nine critical points: x, y in {-1, 0, 1}.
CriticalSearch seek_on_wells(double x, double y) {
  return seek_critical_point(
      [](std::span<const double> at, std::span<double> gradient) {
        for (int i = 0; i < 2; ++i) gradient[i] = 4 * at[i] * (at[i] * at[i] - 1);
      },
      [](std::span<const double> at, std::span<const double> v, std::span<double> product) {
        for (int i = 0; i < 2; ++i) product[i] = (12 * at[i] * at[i] - 4) * v[i];
      },
      std::vector<double>{x, y}, {});
}

TEST(CriticalPointSearch, FindsMinimaSaddlesAndMaximaAlike) {
  for (const double x : {-1.0, 0.0, 1.0}) {
    for (const double y : {-1.0, 0.0, 1.0}) {
      const CriticalSearch found = seek_on_wells(x + 0.2, y - 0.15);
      EXPECT_EQ(found.end, SearchEnd::critical);
      EXPECT_NEAR(found.point[0], x, 1e-9);
      EXPECT_NEAR(found.point[1], y, 1e-9);
      EXPECT_LE(found.gradient_norm, 1e-11);
    }
  }
}

TEST(CriticalPointSearch, SolvesAnIndefiniteQuadraticInAFewSteps) {
  Quadratic saddle({2, -3, 1e-2}, {1, -2, 5});
  const CriticalSearch found = seek_critical_point(saddle, std::vector<double>{0, 0, 0}, {});
  EXPECT_EQ(found.end, SearchEnd::critical);
  EXPECT_NEAR(found.point[0], 1, 1e-10);
  EXPECT_NEAR(found.point[1], -2, 1e-10);
  EXPECT_NEAR(found.point[2], 5, 1e-8);
  EXPECT_LT(found.iterations, 30);
}

TEST(CriticalPointSearch, SaysWhereTheGradientIsFlatButNotZero) {
  // f(x) = x^3 / 3 + x: the gradient x^2 + 1 is smallest at 0, where it is 1.
  const CriticalSearch stuck = seek_critical_point(
      [](std::span<const double> x, std::span<double> g) { g[0] = x[0] * x[0] + 1; },
      [](std::span<const double> x, std::span<const double> v, std::span<double> product) {
        product[0] = 2 * x[0] * v[0];
      },
      std::vector<double>{1.0}, {});
  EXPECT_EQ(stuck.end, SearchEnd::gradient_flat);
  EXPECT_NEAR(stuck.gradient_norm, 1, 1e-5);
  EXPECT_EQ(name_of(stuck.end), "gradient-flat");
}

TEST(CriticalPointSearch, EndsAtOnceAtACriticalPoint) {
  ThreadTeam team(1);
  const double truth[] = {4, 0, 0, 1};
  MatrixSensing loss = population_sensing(MatrixView(truth, 2, 2), 1, team);
  const CriticalSearch found = seek_critical_point(loss, std::vector<double>{2, 0}, {});
  EXPECT_EQ(found.end, SearchEnd::critical);
  EXPECT_EQ(found.iterations, 0);
  EXPECT_EQ(found.point, (std::vector<double>{2, 0}));
}

TEST(CriticalPointSearch, GivesUpAtItsLimitAndOnNumbersThatAreNotFinite) {
  Quadratic bowl({2, 3}, {1, 1});
  CriticalSearchOptions options;
  options.max_iterations = 1;
  EXPECT_EQ(seek_critical_point(bowl, std::vector<double>{0, 0}, options).end,
            SearchEnd::iteration_limit);
  const double infinity = std::numeric_limits<double>::infinity();
  const CriticalSearch lost = seek_critical_point(bowl, std::vector<double>{infinity, 0}, {});
  EXPECT_EQ(lost.end, SearchEnd::iteration_limit);
  EXPECT_EQ(lost.iterations, 0);
  EXPECT_EQ(name_of(lost.end), "iteration limit");
}

TEST(CriticalPointSearch, RefusesAPointOfAnotherSize) {
  Quadratic bowl({2, 3}, {1, 1});
  EXPECT_THROW(seek_critical_point(bowl, std::vector<double>{1}, {}), ShapeError);
}

}  // namespace
}  // namespace ravine
