#include "ravine/probe/lanczos_fit.hpp"

#include <cmath>

#include <Eigen/Dense>
#include <gtest/gtest.h>

#include "probe/matrix_operator.hpp"

namespace ravine {
namespace {

/// A symmetric indefinite matrix and a vector, both of random entries.
struct Problem {
  Eigen::MatrixXd h;
  Eigen::VectorXd b;

  explicit Problem(Eigen::Index n) : h(testing::random_symmetric(n)), b(h.col(0) + h.col(1)) {}

  LanczosFit fit() const {
    return {testing::operator_of(h), std::span(b.data(), static_cast<std::size_t>(b.size()))};
  }

  Eigen::VectorXd direct(double mu) const {
    const Eigen::MatrixXd normal = h * h + mu * Eigen::MatrixXd::Identity(h.rows(), h.rows());
    return normal.ldlt().solve(-h * b);
  }
};

Eigen::VectorXd vector_of(const std::vector<double>& x) {
  return Eigen::Map<const Eigen::VectorXd>(x.data(), static_cast<Eigen::Index>(x.size()));
}

TEST(LanczosFit, SolvesTheDampedNormalEquationsOfAnIndefiniteMatrix) {
  const Problem problem(40);
  for (const double mu : {0.0, 1e-3, 1.0, 100.0}) {
    LanczosFit fit = problem.fit();
    const LanczosFit::Solution solution = fit.solve(mu, 1e-12, 100);
    const Eigen::VectorXd direct = problem.direct(mu);
    EXPECT_LT((vector_of(solution.p) - direct).norm(), 1e-8 * direct.norm()) << mu;
    EXPECT_NEAR(solution.residual_norm, (problem.b + problem.h * direct).norm(),
                1e-9 * problem.b.norm());
  }
}

TEST(LanczosFit, StopsAtItsToleranceWhichBoundsTheResidualOfTheNormalEquations) {
  const Problem problem(60);
  std::size_t before = 0;
  for (const double tolerance : {0.3, 1e-2, 1e-5}) {
    LanczosFit fit = problem.fit();
    const Eigen::VectorXd p = vector_of(fit.solve(0.5, tolerance, 100).p);
    const Eigen::VectorXd left = problem.h * (problem.b + problem.h * p) + 0.5 * p;
    EXPECT_LE(left.norm(), tolerance * (problem.h * problem.b).norm()) << tolerance;
    EXPECT_GT(fit.products(), before);
    before = fit.products();
  }
}

TEST(LanczosFit, AnotherDampingCostsNoProducts) {
  const Problem problem(30);
  LanczosFit fit = problem.fit();
  fit.solve(0.01, 1e-10, 100);
  const std::size_t products = fit.products();
  const Eigen::VectorXd p = vector_of(fit.solve(4, 1e-10, 100).p);
  EXPECT_EQ(fit.products(), products);
  EXPECT_LT((p - problem.direct(4)).norm(), 1e-8 * p.norm());
}

TEST(LanczosFit, EndsWhereTheSpaceDoes) {
  Problem problem(50);
  problem.h = Eigen::VectorXd::LinSpaced(50, -1, 1).array().sign().matrix().asDiagonal();
  LanczosFit fit = problem.fit();  // two eigenvalues, so two dimensions
  const LanczosFit::Solution solution = fit.solve(0, 1e-14, 100);
  EXPECT_EQ(fit.products(), 2u);
  EXPECT_LT((vector_of(solution.p) + problem.h * problem.b).norm(), 1e-12);
  EXPECT_NEAR(fit.slope(), 1, 1e-14);
}

TEST(LanczosFit, KeepsToItsMostDimensions) {
  const Problem problem(50);
  LanczosFit fit = problem.fit();
  const LanczosFit::Solution solution = fit.solve(1e-3, 0, 5);
  EXPECT_EQ(fit.products(), 5u);
  EXPECT_LT(solution.residual_norm, problem.b.norm());
}

}  // namespace
}  // namespace ravine
