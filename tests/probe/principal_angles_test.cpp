#include "ravine/probe/principal_angles.hpp"

#include <cmath>
#include <numbers>

#include <Eigen/QR>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/random/random.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

using ravine::testing::error_of;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

RowMajor orthogonal(std::size_t d, std::uint64_t seed) {
  RowMajor a(d, d);
  RandomStream(seed, "orthogonal").fill_normal(std::span(a.data(), d * d));
  return Eigen::HouseholderQR<RowMajor>(a).householderQ();
}

MatrixView<const double> view(const RowMajor& a) {
  return {a.data(), static_cast<std::size_t>(a.rows()), static_cast<std::size_t>(a.cols())};
}

/// Rows cos(angle_k) e_k + sin(angle_k) e_(count + k), rotated by q1 in their span and q2 in R^d.
RowMajor tilted(const std::vector<double>& angles, const RowMajor& q1, const RowMajor& q2) {
  const auto count = static_cast<Eigen::Index>(angles.size());
  RowMajor rows = RowMajor::Zero(count, q2.rows());
  for (Eigen::Index k = 0; k < count; ++k) {
    rows(k, k) = std::cos(angles[static_cast<std::size_t>(k)]);
    rows(k, count + k) = std::sin(angles[static_cast<std::size_t>(k)]);
  }
  return q1 * rows * q2;
}

TEST(PrincipalAngles, AreThoseThePlanesWereTiltedBySmallAndLarge) {
  constexpr double kRight = std::numbers::pi / 2;
  const std::vector<double> angles = {1e-12, 1e-9, 1e-4, 0.3, 0.8, 1.2, kRight - 1e-9};
  const RowMajor q2 = orthogonal(20, 1);
  const RowMajor p = tilted(std::vector<double>(7, 0.0), orthogonal(7, 2), q2);
  const RowMajor q = tilted(angles, orthogonal(7, 3), q2);
  const std::vector<double> found = principal_angles(view(p), view(q));
  ASSERT_EQ(found.size(), 7U);
  for (std::size_t k = 0; k < 7; ++k) EXPECT_NEAR(found[k], angles[k], 4e-15) << k;
}

TEST(PrincipalAngles, OfASubspaceWithinAnotherAreZero) {
  const RowMajor q = orthogonal(12, 4);
  const RowMajor inside = orthogonal(5, 5).topRows(3) * q.topRows(5);
  for (const double angle : principal_angles(view(inside), view(RowMajor(q.topRows(5))))) {
    EXPECT_NEAR(angle, 0, 1e-14);
  }
}

TEST(PrincipalAngles, OfOrthogonalSubspacesAreRight) {
  const RowMajor q = orthogonal(9, 6);
  const RowMajor p = q.topRows(4), other = q.bottomRows(5);
  for (const double angle : principal_angles(view(p), view(other))) {
    EXPECT_NEAR(angle, std::numbers::pi / 2, 1e-14);
  }
}

TEST(PrincipalAngles, OfNumbersThatAreNotFiniteAreNaN) {
  const RowMajor q = orthogonal(4, 7);
  const RowMajor p = RowMajor::Constant(2, 4, NAN);
  for (const double angle : principal_angles(view(p), view(q))) EXPECT_TRUE(std::isnan(angle));
}

TEST(PrincipalAngles, RefuseBasesThatDoNotFit) {
  const RowMajor p = RowMajor::Zero(3, 8), q = RowMajor::Zero(2, 8);
  EXPECT_EQ(
      error_of<ShapeError>([&] { principal_angles(view(p), view(q)); }),
      "[principal_angles] bases: expected k x d and l x d with k <= l <= d, got 3 x 8 and 2 x "
      "8");
}

}  // namespace
}  // namespace ravine
