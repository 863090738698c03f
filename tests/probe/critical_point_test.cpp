#include "ravine/probe/critical_point.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/objective/quadratic.hpp"

namespace ravine {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr PointTolerances kUnits{.gradient_scale = 1000, .curvature_scale = 100};

SpectrumEnds ends(double smallest, double residual, bool converged) {
  SpectrumEnds result;
  result.smallest.value = smallest;
  result.smallest.residual = residual;
  result.converged = converged;
  return result;
}

TEST(PointKind, IsCriticalUpToTheToleranceInUnitsOfTheScale) {
  const SpectrumEnds up = ends(1, 0, true);
  EXPECT_EQ(kind_of_point(0.9e-3, up, kUnits), PointKind::minimum);
  EXPECT_EQ(kind_of_point(1.1e-3, up, kUnits), PointKind::not_critical);
  EXPECT_EQ(kind_of_point(std::nan(""), up, kUnits), PointKind::not_critical);
  EXPECT_EQ(kind_of_point(kInfinity, up, kUnits), PointKind::not_critical);
}

TEST(PointKind, IsAStrictSaddleBelowTheToleranceInUnitsOfTheScale) {
  EXPECT_EQ(kind_of_point(0, ends(-0.9e-4, 0, true), kUnits), PointKind::minimum);
  EXPECT_EQ(kind_of_point(0, ends(-1.1e-4, 0, true), kUnits), PointKind::strict_saddle);
  EXPECT_EQ(kind_of_point(0, ends(0, 1e-9, true), kUnits), PointKind::minimum);
}

TEST(PointKind, TakesANegativeEigenvalueAsProvedByItsResidualEvenWithoutConvergence) {
  EXPECT_EQ(kind_of_point(0, ends(-1, 0.5, false), kUnits), PointKind::strict_saddle);
  EXPECT_EQ(kind_of_point(0, ends(-1, 1.5, false), kUnits), PointKind::undecided);
}

TEST(PointKind, DoesNotCallAPointAMinimumOnAnUnconvergedSpectrum) {
  EXPECT_EQ(kind_of_point(0, ends(1, 0, false), kUnits), PointKind::undecided);
  EXPECT_EQ(kind_of_point(0, SpectrumEnds{}, kUnits), PointKind::undecided);
}

TEST(PointKind, HasTheNamesOfTheRunFolder) {
  EXPECT_EQ(name_of(PointKind::minimum), "minimum");
  EXPECT_EQ(name_of(PointKind::strict_saddle), "strict saddle");
  EXPECT_EQ(name_of(PointKind::not_critical), "not critical");
  EXPECT_EQ(name_of(PointKind::undecided), "undecided");
}

TEST(ExaminePoint, MeasuresLossGradientAndCurvature) {
  Quadratic bowl({2, 3}, {1, 1});
  const PointExamination away =
      examine_point(bowl, std::vector<double>{2, 1}, {.gradient_scale = 4});
  EXPECT_DOUBLE_EQ(away.loss, 1);
  EXPECT_DOUBLE_EQ(away.gradient_norm, 2);
  EXPECT_DOUBLE_EQ(away.relative_gradient_norm, 0.5);
  EXPECT_NEAR(away.curvature.smallest.value, 2, 1e-12);
  EXPECT_NEAR(away.curvature.largest.value, 3, 1e-12);
  EXPECT_EQ(away.kind, PointKind::not_critical);
  EXPECT_EQ(examine_point(bowl, std::vector<double>{1, 1}, {}).kind, PointKind::minimum);
}

TEST(ExaminePoint, TellsSaddlesAndMaximaFromMinima) {
  const std::vector<double> zero(2);
  Quadratic saddle({2, -3}, zero);
  Quadratic maximum({-2, -3}, zero);
  Quadratic valley({0, 3}, zero);
  EXPECT_EQ(examine_point(saddle, zero, {}).kind, PointKind::strict_saddle);
  EXPECT_EQ(examine_point(maximum, zero, {}).kind, PointKind::strict_saddle);
  EXPECT_EQ(examine_point(valley, zero, {}).kind, PointKind::minimum);
}

TEST(ExaminePoint, ReportsALossThatIsNotFinite) {
  Quadratic bowl({2, 3}, {1, 1});
  const PointExamination point = examine_point(bowl, std::vector<double>{kInfinity, 1}, {});
  EXPECT_TRUE(std::isinf(point.loss));
  EXPECT_EQ(point.kind, PointKind::not_critical);
}

TEST(ExaminePoint, RefusesAPointOfAnotherSize) {
  Quadratic bowl({2, 3}, {1, 1});
  EXPECT_THROW(examine_point(bowl, std::vector<double>{1}, {}), ShapeError);
}

}  // namespace
}  // namespace ravine
