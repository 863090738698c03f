#include "ravine/probe/largest_eigenpair.hpp"

#include <cmath>
#include <limits>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "probe/matrix_operator.hpp"
#include "ravine/base/error.hpp"

namespace ravine {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using testing::normal_numbers;
using testing::operator_of;
using testing::random_symmetric;

std::vector<double> random_start(const MatrixXd& a) {
  return normal_numbers(static_cast<std::size_t>(a.rows()), "start");
}

void expect_largest(const MatrixXd& a, const LargestEigenpair& found, double tolerance) {
  const VectorXd exact = Eigen::SelfAdjointEigenSolver<MatrixXd>(a).eigenvalues();
  const double norm = exact.cwiseAbs().maxCoeff();
  EXPECT_TRUE(found.converged);
  EXPECT_NEAR(found.pair.value, exact[exact.size() - 1], tolerance * norm);
  const Eigen::Map<const VectorXd> v(found.pair.vector.data(), a.rows());
  EXPECT_NEAR(v.norm(), 1, 1e-10);
  EXPECT_NEAR((a * v - found.pair.value * v).norm(), found.pair.residual, 1e-12 * norm);
  EXPECT_LE(found.pair.residual, tolerance * norm);
}

TEST(LargestEigenpair, MatchesTheDenseSolverAtEverySize) {
  for (const Eigen::Index size : {1, 2, 3, 39, 40, 41, 150}) {
    const MatrixXd a = random_symmetric(size);
    expect_largest(a, largest_eigenpair(operator_of(a), random_start(a), {.tolerance = 1e-9}),
                   1e-8);
  }
}

TEST(LargestEigenpair, IsTheLargestNotTheOneOfLargestSize) {
  const MatrixXd a = random_symmetric(30) - 100 * MatrixXd::Identity(30, 30);
  expect_largest(a, largest_eigenpair(operator_of(a), random_start(a), {.tolerance = 1e-9}), 1e-8);
}

TEST(LargestEigenpair, RestartsUntilItIsFound) {
  const MatrixXd a = random_symmetric(80);
  const LargestOptions few{.krylov_size = 6, .max_restarts = 200, .tolerance = 1e-6};
  const LargestEigenpair found = largest_eigenpair(operator_of(a), random_start(a), few);
  EXPECT_GT(found.products, 6u);
  expect_largest(a, found, 1e-6);
}

TEST(LargestEigenpair, TakesFewProductsFromNearby) {
  const MatrixXd a = random_symmetric(120);
  const LargestEigenpair before = largest_eigenpair(operator_of(a), random_start(a));
  const MatrixXd moved = a + 1e-3 * random_symmetric(120).cwiseAbs();
  const LargestEigenpair after = largest_eigenpair(operator_of(moved), before.pair.vector);
  expect_largest(moved, after, 1e-4);
  EXPECT_LE(3 * after.products, before.products);
}

TEST(LargestEigenpair, OfAMultipleOfTheIdentityTakesOneProduct) {
  for (const double factor : {-2.0, 0.0, 3.0}) {
    const MatrixXd a = factor * MatrixXd::Identity(9, 9);
    const LargestEigenpair found = largest_eigenpair(operator_of(a), random_start(a));
    expect_largest(a, found, 1e-12);
    EXPECT_EQ(found.products, 1u);
  }
}

TEST(LargestEigenpair, SaysWhenItGaveUpOrMetNumbersThatAreNone) {
  const MatrixXd a = random_symmetric(80);
  const LargestOptions hasty{.krylov_size = 3, .max_restarts = 1, .tolerance = 1e-12};
  const LargestEigenpair best = largest_eigenpair(operator_of(a), random_start(a), hasty);
  EXPECT_FALSE(best.converged);
  EXPECT_EQ(best.products, 6u);
  EXPECT_TRUE(std::isfinite(best.pair.residual));
  MatrixXd broken = a;
  broken(3, 3) = std::numeric_limits<double>::infinity();
  const LargestEigenpair none = largest_eigenpair(operator_of(broken), random_start(a));
  EXPECT_FALSE(none.converged);
  EXPECT_TRUE(std::isnan(none.pair.value));
  EXPECT_TRUE(none.pair.vector.empty());
}

TEST(LargestEigenpair, RefusesStartsAndOptionsOutOfRange) {
  const MatrixXd a = random_symmetric(4);
  const std::vector<double> zero(4), good{1, 0, 0, 0};
  EXPECT_THROW(largest_eigenpair(operator_of(a), {}), ShapeError);
  EXPECT_THROW(largest_eigenpair(operator_of(a), zero), ConfigError);
  EXPECT_THROW(largest_eigenpair(operator_of(a), good, {.krylov_size = 1}), ConfigError);
  EXPECT_THROW(largest_eigenpair(operator_of(a), good, {.max_restarts = -1}), ConfigError);
  EXPECT_THROW(largest_eigenpair(operator_of(a), good, {.tolerance = 0}), ConfigError);
}

}  // namespace
}  // namespace ravine
