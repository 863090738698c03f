#include "ravine/probe/extreme_eigenpairs.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include <Eigen/Eigenvalues>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/matrix_operator.hpp"
#include "ravine/base/error.hpp"

namespace ravine {
namespace {

using Eigen::MatrixXd;
using testing::operator_of;
using testing::random_symmetric;

MatrixXd with_eigenvalues(const Eigen::VectorXd& eigenvalues) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> basis(random_symmetric(eigenvalues.size()));
  return basis.eigenvectors() * eigenvalues.asDiagonal() * basis.eigenvectors().transpose();
}

// Both ends against Eigen's dense solver; residuals recomputed.
void expect_ends(const MatrixXd& a, const EigenOptions& options = {}) {
  const SpectrumEnds ends =
      extreme_eigenpairs(operator_of(a), static_cast<std::size_t>(a.rows()), options);
  const Eigen::VectorXd exact = Eigen::SelfAdjointEigenSolver<MatrixXd>(a).eigenvalues();
  const double norm = exact.cwiseAbs().maxCoeff();
  EXPECT_TRUE(ends.converged) << ends.message;
  EXPECT_NEAR(ends.smallest.value, exact[0], 1e-10 * norm);
  EXPECT_NEAR(ends.largest.value, exact[exact.size() - 1], 1e-10 * norm);
  for (const Eigenpair* pair : {&ends.smallest, &ends.largest}) {
    const Eigen::Map<const Eigen::VectorXd> v(pair->vector.data(), a.rows());
    EXPECT_NEAR(v.norm(), 1, 1e-10);
    EXPECT_NEAR((a * v - pair->value * v).norm(), pair->residual, 1e-12 * norm);
    EXPECT_LE(pair->residual, 1e-7 * norm);
  }
  EXPECT_GT(ends.products, 0u);
}

TEST(ExtremeEigenpairs, MatchTheDenseSolverAtEverySize) {
  for (const Eigen::Index size : {1, 2, 3, 4, 63, 64, 65, 150}) expect_ends(random_symmetric(size));
}

TEST(ExtremeEigenpairs, ByLanczosMatchTheDenseSolverAtSmallSizesToo) {
  for (const Eigen::Index size : {4, 5, 10, 30}) {
    expect_ends(random_symmetric(size), {.dense_size = 0});
  }
}

TEST(ExtremeEigenpairs, FindZeroAsTheSmallestEigenvalue) {
  Eigen::VectorXd eigenvalues = Eigen::VectorXd::LinSpaced(120, 1, 4);
  eigenvalues.head(10).setZero();
  expect_ends(with_eigenvalues(eigenvalues));
}

TEST(ExtremeEigenpairs, FindAnEndInALargeCluster) {
  Eigen::VectorXd eigenvalues = Eigen::VectorXd::Constant(120, 2.0);
  eigenvalues[0] = 4;
  expect_ends(with_eigenvalues(eigenvalues));
  expect_ends(with_eigenvalues(-eigenvalues));
}

TEST(ExtremeEigenpairs, OfAMultipleOfTheIdentityAreThatMultiple) {
  expect_ends(3 * MatrixXd::Identity(100, 100));
  expect_ends(MatrixXd::Zero(100, 100));
  expect_ends(MatrixXd::Zero(2, 2));
}

TEST(ExtremeEigenpairs, OfAMultipleOfTheIdentityUpToRoundingAreThatMultiple) {
  const double weight = std::sqrt(210.0);
  const SpectrumEnds ends = extreme_eigenpairs(
      [&](std::span<const double> x, std::span<double> y) {
        for (std::size_t i = 0; i < x.size(); ++i) y[i] = weight * (weight * x[i]) / 105;
      },
      105);
  EXPECT_TRUE(ends.converged) << ends.message;
  EXPECT_NEAR(ends.smallest.value, 2, 1e-13);
  EXPECT_NEAR(ends.largest.value, 2, 1e-13);
}

TEST(ExtremeEigenpairs, ReportFailureToConvergeWithEstimatesAndTrueResiduals) {
  // Eigenvalues crowd at both ends, where Lanczos is slowest.
  Eigen::VectorXd eigenvalues(400);
  for (Eigen::Index i = 0; i < 400; ++i) {
    eigenvalues[i] = std::cos(std::numbers::pi * static_cast<double>(i) / 399.0);
  }
  const MatrixXd a = with_eigenvalues(eigenvalues);
  const SpectrumEnds ends = extreme_eigenpairs(
      operator_of(a), 400, {.krylov_size = 8, .max_restarts = 8, .tolerance = 1e-12});
  EXPECT_FALSE(ends.converged);
  EXPECT_THAT(ends.message, ::testing::HasSubstr("not within"));
  EXPECT_NEAR(ends.largest.value, 1, 0.05);
  EXPECT_NEAR(ends.smallest.value, -1, 0.05);
  const Eigen::Map<const Eigen::VectorXd> v(ends.largest.vector.data(), 400);
  EXPECT_NEAR((a * v - ends.largest.value * v).norm(), ends.largest.residual, 1e-12);
}

TEST(ExtremeEigenpairs, ReportThatNothingWasFound) {
  const MatrixXd a = random_symmetric(400);
  const SpectrumEnds ends =
      extreme_eigenpairs(operator_of(a), 400, {.krylov_size = 4, .max_restarts = 1});
  EXPECT_FALSE(ends.converged);
  EXPECT_TRUE(std::isnan(ends.smallest.value));
  EXPECT_TRUE(ends.smallest.vector.empty());
  EXPECT_THAT(ends.message, ::testing::HasSubstr("no convergence in 1 restart"));
}

TEST(ExtremeEigenpairs, ReportAMatrixThatIsNotFinite) {
  for (const Eigen::Index size : {5, 100}) {
    MatrixXd a = random_symmetric(size);
    a(2, 2) = std::numeric_limits<double>::quiet_NaN();
    const SpectrumEnds ends = extreme_eigenpairs(operator_of(a), static_cast<std::size_t>(size));
    EXPECT_FALSE(ends.converged);
    EXPECT_TRUE(std::isnan(ends.largest.value));
    EXPECT_THAT(ends.message, ::testing::HasSubstr("not finite"));
  }
}

TEST(ExtremeEigenpairs, AreTheSameBitsTwice) {
  const MatrixXd a = random_symmetric(150);
  const SpectrumEnds first = extreme_eigenpairs(operator_of(a), 150);
  const SpectrumEnds second = extreme_eigenpairs(operator_of(a), 150);
  EXPECT_EQ(first.smallest.value, second.smallest.value);
  EXPECT_EQ(first.largest.vector, second.largest.vector);
}

TEST(ExtremeEigenpairs, RefuseAnEmptyMatrixAndOptionsOutOfRange) {
  const MatrixXd a = random_symmetric(5);
  EXPECT_THROW(extreme_eigenpairs(operator_of(a), 0), ShapeError);
  EXPECT_THROW(extreme_eigenpairs(operator_of(a), 5, {.krylov_size = 3}), ConfigError);
  EXPECT_THROW(extreme_eigenpairs(operator_of(a), 5, {.max_restarts = 0}), ConfigError);
  EXPECT_THROW(extreme_eigenpairs(operator_of(a), 5, {.tolerance = 0}), ConfigError);
}

TEST(DenseMatrix, IsTheMatrixBehindTheProducts) {
  const MatrixXd a = random_symmetric(6);
  EXPECT_LT((dense_matrix(operator_of(a), 6) - a).norm(), 1e-14 * a.norm());
}

}  // namespace
}  // namespace ravine
