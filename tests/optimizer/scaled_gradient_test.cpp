#include "ravine/optimizer/scaled_gradient.hpp"

#include <cmath>
#include <vector>

#include <Eigen/Dense>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/small_objectives.hpp"
#include "ravine/base/error.hpp"
#include "ravine/descent/descend.hpp"
#include "support/error_of.hpp"
#include "support/vectors.hpp"

namespace ravine::testing {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::size_t kRows = 7, kCols = 3;
const std::vector<ParameterBlock> kBlocks = {{"U", kRows, kCols, 0, 0}};

/// U - eta G (U^T U + delta I)^{-1}, with an explicit inverse.
std::vector<double> expected_move(std::vector<double> u, const std::vector<double>& g, double eta,
                                  double delta) {
  Eigen::Map<RowMajor> factor(u.data(), kRows, kCols);
  const Eigen::Map<const RowMajor> gradient(g.data(), kRows, kCols);
  const Eigen::MatrixXd metric =
      factor.transpose() * factor + delta * Eigen::MatrixXd::Identity(kCols, kCols);
  factor -= eta * gradient * metric.inverse();
  return u;
}

TEST(ScaledGradient, DividesTheGradientByTheGramMatrix) {
  const std::vector<double> start = normals(kRows * kCols, "u"), g = normals(kRows * kCols, "g");
  std::vector<double> u = start;
  EXPECT_TRUE(ScaledGradient().walk<double>(kBlocks).move({2.0, g, u, 0.3}));
  expect_all_near(u, expected_move(start, g, 0.3, 0), 1e-13);
}

TEST(PreconditionedGradient, AddsTheRootOfTwiceTheLoss) {
  const std::vector<double> start = normals(kRows * kCols, "u"), g = normals(kRows * kCols, "g");
  std::vector<double> u = start;
  EXPECT_TRUE(PreconditionedGradient().walk<double>(kBlocks).move({8.0, g, u, 0.3}));
  expect_all_near(u, expected_move(start, g, 0.3, 4), 1e-13);
}

/// X = U U^T and so the problem do not change when the columns of U are turned.
TEST(ScaledGradient, CommutesWithRotationsOfTheColumns) {
  const std::vector<double> start = normals(kRows * kCols, "u"), g = normals(kRows * kCols, "g");
  const Eigen::Map<const RowMajor> u(start.data(), kRows, kCols), gradient(g.data(), kRows, kCols);
  const RowMajor q =
      Eigen::HouseholderQR<RowMajor>(Eigen::Map<const RowMajor>(normals(9, "q").data(), 3, 3))
          .householderQ();
  const auto moved = [&](const RowMajor& point, const RowMajor& slope) {
    std::vector<double> parameters(point.data(), point.data() + point.size());
    const std::vector<double> flat(slope.data(), slope.data() + slope.size());
    (void)ScaledGradient().walk<double>(kBlocks).move({1.0, flat, parameters, 0.3});
    return parameters;
  };
  const std::vector<double> end = moved(u, gradient);
  const RowMajor turned = Eigen::Map<const RowMajor>(end.data(), kRows, kCols) * q;
  expect_all_near(moved(u * q, gradient * q), {turned.data(), kRows * kCols}, 1e-12);
}

TEST(ScaledGradient, RefusesANetwork) {
  SmallNetwork network(Activation::tanh, false);
  const std::string error = error_of<ConfigError>([&] {
    (void)descend(network.mlp, ScaledGradient(), std::span(network.point), DescentOptions(), {},
                  network.team);
  });
  EXPECT_THAT(error, ::testing::HasSubstr("scaled-gd"));
  EXPECT_THAT(error, ::testing::HasSubstr("one with 3 blocks"));
}

}  // namespace
}  // namespace ravine::testing
