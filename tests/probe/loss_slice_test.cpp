#include "ravine/probe/loss_slice.hpp"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/quadratic.hpp"

namespace ravine {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;

const SlicePlane kPlane{{1, 0, 0}, {1, 1, 0}, {0, 1, 2}};

TEST(LossSlice, IsTheLossAtEveryPointOfTheGrid) {
  Quadratic bowl({2, 3, 4}, {0, 0, 0});
  const LossSlice slice = loss_slice(bowl, kPlane, {-1, 0, 2}, {0, 0.5});
  ASSERT_EQ(slice.loss.size(), 6u);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      const double loss = claim_at(bowl, kPlane.at(slice.x[j], slice.y[i]), 0).losses[0];
      EXPECT_DOUBLE_EQ(slice.loss[i * 3 + j], loss);
    }
  }
}

TEST(LossSlice, IsTheSameBitsHoweverManyPointsAreEvaluatedAtATime) {
  ThreadTeam team(2);
  const MeasurementEnsemble ensemble = MeasurementEnsemble::gaussian(3, 10, 5, team);
  const std::vector<double> values(10, 1.0);
  const auto slice_by = [&](const std::vector<std::string>& names) {
    MatrixSensing loss(ensemble, values, 1, names, team);
    return loss_slice(loss, kPlane, {-1, 0, 2}, {0, 0.5, 1}).loss;
  };
  const std::vector<double> one = slice_by({"a"});
  EXPECT_EQ(slice_by({"a", "b", "c", "d"}), one);  // nine points by four
  EXPECT_EQ(slice_by(std::vector<std::string>(16, "a")), one);
}

TEST(LossSlice, OfAPolynomialIsTheSameFromAFewOfItsValues) {
  ThreadTeam team(2);
  const MeasurementEnsemble ensemble = MeasurementEnsemble::gaussian(3, 10, 5, team);
  const std::vector<double> values(10, 1.0);
  const std::vector<std::string> names{"a", "b"};
  MatrixSensing loss(ensemble, values, 1, names, team);
  const std::vector<double> x = equidistant(-2, 1, 9), y{3, 0, 0.5};
  const LossSlice direct = loss_slice(loss, kPlane, x, y);
  const LossSlice interpolated = polynomial_slice(loss, kPlane, x, y, 4);
  const double largest = *std::ranges::max_element(direct.loss);
  ASSERT_EQ(interpolated.loss.size(), direct.loss.size());
  for (std::size_t i = 0; i < direct.loss.size(); ++i) {
    EXPECT_NEAR(interpolated.loss[i], direct.loss[i], 1e-13 * largest);
  }
  const LossSlice cubic = polynomial_slice(loss, kPlane, x, y, 3);
  EXPECT_GT(std::abs(cubic.loss[0] - direct.loss[0]), 1e-3 * largest) << "it is of degree 4";
}

TEST(LossSlice, OfAPolynomialAtOnePointIsItsValue) {
  Quadratic bowl({2, 3, 4}, {0, 0, 0});
  EXPECT_NEAR(polynomial_slice(bowl, kPlane, {0.5}, {-1}, 2).loss[0],
              loss_slice(bowl, kPlane, {0.5}, {-1}).loss[0], 1e-13);
}

TEST(LossSlice, OfAnEmptyGridIsEmpty) {
  Quadratic bowl({2, 3, 4}, {0, 0, 0});
  EXPECT_TRUE(polynomial_slice(bowl, kPlane, {}, {1, 2}, 2).loss.empty());
  EXPECT_TRUE(loss_slice(bowl, kPlane, {}, {1, 2}).loss.empty());
}

TEST(LossSlice, RefusesAPlaneOfAnotherSize) {
  Quadratic bowl({2, 3}, {0, 0});
  EXPECT_THROW(loss_slice(bowl, kPlane, {0}, {0}), ShapeError);
}

TEST(SlicePlane, KnowsWhereItsPointsAreAndHowFarOthers) {
  const PlanePosition inside = position_in(kPlane, kPlane.at(0.25, -3));
  EXPECT_NEAR(inside.x, 0.25, 1e-14);
  EXPECT_NEAR(inside.y, -3, 1e-14);
  EXPECT_NEAR(inside.distance, 0, 1e-14);
  // (1, 1, 0) x (0, 1, 2) = (2, -2, 1), of norm 3, is orthogonal to the plane.
  std::vector<double> above = kPlane.at(0.25, -3);
  add_scaled(2.0, std::vector<double>{2, -2, 1}, above);
  const PlanePosition outside = position_in(kPlane, above);
  EXPECT_NEAR(outside.x, 0.25, 1e-14);
  EXPECT_NEAR(outside.y, -3, 1e-13);
  EXPECT_NEAR(outside.distance, 6, 1e-13);
}

TEST(SlicePlane, RefusesDirectionsThatSpanNoPlane) {
  const std::vector<double> point{1, 2, 3};
  EXPECT_THROW(position_in({point, {1, 1, 0}, {-2, -2, 0}}, point), ConfigError);
  EXPECT_THROW(position_in({point, {1, 1, 0}, {0, 0, 0}}, point), ConfigError);
  EXPECT_THROW(position_in(kPlane, std::vector<double>{1}), ShapeError);
}

TEST(Equidistant, IncludesBothEnds) {
  EXPECT_THAT(equidistant(-1, 1, 5), ElementsAre(-1, -0.5, 0, 0.5, 1));
  EXPECT_THAT(equidistant(-1, 2, 1), ElementsAre(0.5));
  EXPECT_TRUE(equidistant(0, 1, 0).empty());
  EXPECT_THAT(equidistant(-1.5, 1.5, 41)[20], DoubleEq(0));
}

}  // namespace
}  // namespace ravine
