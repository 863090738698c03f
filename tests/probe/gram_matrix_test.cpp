#include "ravine/probe/gram_matrix.hpp"

#include <vector>

#include <Eigen/Cholesky>
#include <gtest/gtest.h>

#include "ravine/objective/random_ensemble.hpp"

namespace ravine {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd dense_gram(const MeasurementEnsemble& ensemble) {
  const std::size_t m = ensemble.count(), p = ensemble.unknowns();
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> a(m, p);
  ensemble.form().copy_rows(0, {a.data(), m, p});
  const MatrixXd product = m <= p ? MatrixXd(a * a.transpose()) : MatrixXd(a.transpose() * a);
  return product / static_cast<double>(m);
}

// Sizes below, at and above whole blocks.
TEST(GramMatrix, SolvesAsTheDenseMatrixDoes) {
  ThreadTeam team(2);
  for (const std::size_t m : {1, 40, 96, 97, 200, 290, 400}) {
    SCOPED_TRACE(m);
    const MeasurementEnsemble ensemble = random_ensemble(EnsembleKind::gaussian, 24, m, 5, team);
    GramMatrix gram(ensemble, team);
    ASSERT_EQ(gram.size(), std::min<std::size_t>(m, 300));
    ASSERT_TRUE(gram.factor(0.5));
    const auto n = static_cast<Eigen::Index>(gram.size());
    const VectorXd x = VectorXd::LinSpaced(n, -1, 2);
    VectorXd y(n);
    gram.solve({x.data(), gram.size()}, {y.data(), gram.size()});
    const MatrixXd shifted = dense_gram(ensemble) + 0.5 * MatrixXd::Identity(n, n);
    EXPECT_LT((shifted * y - x).norm(), 1e-12 * x.norm());
  }
}

TEST(GramMatrix, SaysWhetherItIsPositiveDefinite) {
  ThreadTeam team(2);
  const std::vector<double> equal(3 * 6, 1.0);
  const MeasurementEnsemble ensemble(3, 3, AlignedBuffer<double>(equal.begin(), equal.end()));
  EXPECT_FALSE(GramMatrix(ensemble, team).factor(0));
  EXPECT_TRUE(GramMatrix(ensemble, team).factor(1e-3));
}

TEST(GramMatrix, HasTheSameBitsForAnyTeam) {
  std::vector<std::vector<double>> found;
  for (const int threads : {1, 3}) {
    ThreadTeam team(threads);
    const auto ensemble = random_ensemble(EnsembleKind::gaussian, 24, 250, 3, team);
    GramMatrix gram(ensemble, team);
    ASSERT_TRUE(gram.factor(0));
    const std::vector<double> x(250, 1.0);
    gram.solve(x, found.emplace_back(250));
  }
  EXPECT_EQ(found[0], found[1]);
}

}  // namespace
}  // namespace ravine
