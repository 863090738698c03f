#include "ravine/objective/matrix_sensing.hpp"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/objective/svec.hpp"
#include "support/bits.hpp"
#include "support/error_of.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::error_of;
using testing::expect_all_near;
using testing::normals;
using testing::same_bits;

static_assert(TwiceDifferentiable<MatrixSensing>);

/// Sensing by full, non-symmetric A_i, written down from the definition.
struct DirectSensing {
  std::size_t d, m, rank;
  std::vector<double> a = normals(m * d * d, "A");
  std::vector<double> y = normals(m, "y");

  double entry(std::size_t i, std::size_t j, std::size_t k) const { return a[(i * d + j) * d + k]; }

  /// <A_i, U V^T>
  double measure(std::size_t i, const std::vector<double>& u, const std::vector<double>& v) const {
    double sum = 0;
    for (std::size_t j = 0; j < d; ++j) {
      for (std::size_t k = 0; k < d; ++k) {
        for (std::size_t r = 0; r < rank; ++r) {
          sum += entry(i, j, k) * u[j * rank + r] * v[k * rank + r];
        }
      }
    }
    return sum;
  }

  double residual(std::size_t i, const std::vector<double>& u) const {
    return measure(i, u, u) - y[i];
  }

  double loss(const std::vector<double>& u) const {
    double sum = 0;
    for (std::size_t i = 0; i < m; ++i) sum += residual(i, u) * residual(i, u);
    return sum / (2 * static_cast<double>(m));
  }

  /// to += factor (A_i + A_i^T) U
  void add_product(std::size_t i, double factor, const std::vector<double>& u,
                   std::vector<double>& to) const {
    for (std::size_t j = 0; j < d; ++j) {
      for (std::size_t k = 0; k < d; ++k) {
        for (std::size_t r = 0; r < rank; ++r) {
          to[j * rank + r] += factor * (entry(i, j, k) + entry(i, k, j)) * u[k * rank + r];
        }
      }
    }
  }

  std::vector<double> gradient(const std::vector<double>& u) const {
    std::vector<double> sum(u.size());
    for (std::size_t i = 0; i < m; ++i) {
      add_product(i, residual(i, u) / static_cast<double>(m), u, sum);
    }
    return sum;
  }

  std::vector<double> hessian_vector(const std::vector<double>& u,
                                     const std::vector<double>& v) const {
    std::vector<double> sum(u.size());
    for (std::size_t i = 0; i < m; ++i) {
      const double slope = measure(i, u, v) + measure(i, v, u);  // <(A_i + A_i^T) U, V>
      add_product(i, slope / static_cast<double>(m), u, sum);
      add_product(i, residual(i, u) / static_cast<double>(m), v, sum);
    }
    return sum;
  }

  MeasurementEnsemble ensemble() const {
    AlignedBuffer<double> rows(m * svec_size(d));
    for (std::size_t i = 0; i < m; ++i) {
      svec_symmetric_part(MatrixView<const double>(a.data() + i * d * d, d, d),
                          std::span<double>(rows).subspan(i * svec_size(d), svec_size(d)));
    }
    return {d, m, std::move(rows)};
  }
};

const std::vector<std::string> kOneMember = {"0.1"};

TEST(MatrixSensing, LossGradientAndHessianAgreeWithTheDefinition) {
  ThreadTeam team(2);
  for (const auto& [d, m, rank] : {std::array<std::size_t, 3>{1, 1, 1}, {6, 20, 3}, {9, 40, 9}}) {
    const DirectSensing direct{d, m, rank};
    const MeasurementEnsemble ensemble = direct.ensemble();
    MatrixSensing sensing(ensemble, direct.y, rank, kOneMember, team);
    const std::vector<double> u = normals(d * rank, "U"), v = normals(d * rank, "V");
    std::vector<double> gradient(u.size()), product(u.size()), losses(1);
    sensing.loss_and_gradient(u, {}, gradient, losses);
    EXPECT_NEAR(losses[0], direct.loss(u), 1e-12 * direct.loss(u));
    expect_all_near(gradient, direct.gradient(u), 1e-12);
    sensing.hessian_vector(u, {}, v, product);
    expect_all_near(product, direct.hessian_vector(u, v), 1e-12);
  }
}

TEST(MatrixSensing, NamesAndShapesItsBlocks) {
  const DirectSensing direct{4, 5, 2};
  const MeasurementEnsemble ensemble = direct.ensemble();
  ThreadTeam team(1);
  const std::vector<std::string> names = {"1", "1e-05"};
  const MatrixSensing sensing(ensemble, direct.y, 2, names, team);
  const std::vector<ParameterBlock>& blocks = sensing.layout().blocks();
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[1].name, "U.1e-05");
  EXPECT_EQ(blocks[1].rows, 4U);
  EXPECT_EQ(blocks[1].cols, 2U);
  EXPECT_EQ(blocks[1].member, 1U);
}

/// A sweep of several candidates on one instance.
struct Sweep {
  explicit Sweep(ThreadTeam& on)
      : team(on),
        ensemble(MeasurementEnsemble::gaussian(kDimension, 70, 3, on)),
        sensing(ensemble, values, kRank, names, on),
        gradient(u.size(), -5),
        losses(names.size(), -5) {}

  void evaluate(std::span<const std::uint8_t> active = {}) {
    sensing.loss_and_gradient(u, Evaluation{0, active}, gradient, losses);
  }

  static constexpr std::size_t kDimension = 11, kRank = 4, kSize = kDimension * kRank;
  const std::vector<std::string> names = {"a", "b", "c", "d", "e", "f", "g"};
  const std::vector<double> values = normals(70, "values");
  const std::vector<double> u = normals(7 * kSize, "U");
  ThreadTeam& team;
  MeasurementEnsemble ensemble;
  MatrixSensing sensing;
  std::vector<double> gradient, losses;
};

TEST(MatrixSensing, MembersHaveTheBitsTheyHaveAlone) {
  ThreadTeam team(2);
  Sweep sweep(team);
  sweep.evaluate();
  for (std::size_t k = 0; k < sweep.names.size(); ++k) {
    MatrixSensing alone(sweep.ensemble, sweep.values, Sweep::kRank, kOneMember, team);
    std::vector<double> gradient(Sweep::kSize), losses(1);
    const std::span<const double> u = std::span(sweep.u).subspan(k * Sweep::kSize, Sweep::kSize);
    alone.loss_and_gradient(u, {}, gradient, losses);
    EXPECT_EQ(sweep.losses[k], losses[0]) << k;
    EXPECT_TRUE(same_bits(std::span(sweep.gradient).subspan(k * Sweep::kSize, Sweep::kSize),
                          std::span(gradient)))
        << k;
  }
}

TEST(MatrixSensing, LeavesInactiveMembersAlone) {
  ThreadTeam team(2);
  Sweep all(team), some(team);
  all.evaluate();
  const std::vector<std::uint8_t> active = {0, 1, 1, 0, 0, 1, 0};
  some.evaluate(active);
  for (std::size_t k = 0; k < active.size(); ++k) {
    EXPECT_EQ(some.losses[k], active[k] ? all.losses[k] : -5) << k;
    for (std::size_t i = k * Sweep::kSize; i < (k + 1) * Sweep::kSize; ++i) {
      ASSERT_EQ(some.gradient[i], active[k] ? all.gradient[i] : -5) << k;
    }
  }
}

TEST(MatrixSensing, HessianLeavesInactiveMembersAlone) {
  ThreadTeam team(2);
  Sweep sweep(team);
  const std::vector<double> direction = normals(sweep.u.size(), "direction");
  std::vector<double> all(sweep.u.size(), -5), some(sweep.u.size(), -5);
  sweep.sensing.hessian_vector(sweep.u, {}, direction, all);
  const std::vector<std::uint8_t> active = {1, 0, 0, 0, 1, 0, 1};
  sweep.sensing.hessian_vector(sweep.u, Evaluation{0, active}, direction, some);
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(some[i], active[i / Sweep::kSize] ? all[i] : -5);
  }
}

TEST(MatrixSensing, GramIsTheProductOfTheFactorWithItself) {
  ThreadTeam team(3);
  Sweep sweep(team);
  sweep.evaluate();
  for (std::size_t k = 0; k < sweep.names.size(); ++k) {
    const MatrixView<const double> gram = sweep.sensing.gram(k);
    const MatrixView<const double> u = sweep.sensing.layout().view(std::span(sweep.u), k);
    for (std::size_t i = 0; i < gram.rows; ++i) {
      for (std::size_t j = 0; j < gram.cols; ++j) {
        double sum = 0;
        for (std::size_t r = 0; r < u.cols; ++r) sum += u(i, r) * u(j, r);
        ASSERT_NEAR(gram(i, j), sum, 1e-13);
      }
    }
  }
}

TEST(MatrixSensing, GivesTheSameBitsForAnyThreads) {
  ThreadTeam alone(1);
  Sweep expected(alone);
  expected.evaluate();
  for (const int threads : {2, 3, 4, 8}) {
    ThreadTeam team(threads);
    Sweep sweep(team);
    sweep.evaluate();
    EXPECT_TRUE(same_bits(sweep.losses, expected.losses)) << threads;
    EXPECT_TRUE(same_bits(sweep.gradient, expected.gradient)) << threads;
  }
}

TEST(MatrixSensing, NaNInOneMemberStaysThere) {
  ThreadTeam team(2);
  Sweep clean(team);
  clean.evaluate();
  std::vector<double> u = clean.u;
  u[2 * Sweep::kSize + 5] = std::nan("");
  std::vector<double> gradient(u.size()), losses(7);
  clean.sensing.loss_and_gradient(u, {}, gradient, losses);
  for (std::size_t k = 0; k < 7; ++k) EXPECT_EQ(std::isnan(losses[k]), k == 2) << k;
  for (std::size_t i = 0; i < u.size(); ++i) {
    ASSERT_EQ(std::isnan(gradient[i]), i / Sweep::kSize == 2) << i;
  }
}

TEST(MatrixSensing, RefusesValuesThatDoNotFit) {
  ThreadTeam team(1);
  const MeasurementEnsemble ensemble = DirectSensing{3, 4, 1}.ensemble();
  const std::vector<double> values(5);
  EXPECT_EQ(error_of<ShapeError>([&] { MatrixSensing(ensemble, values, 1, kOneMember, team); }),
            "[measurement_operator] values: expected 4 numbers, one a measurement, got 5");
}

}  // namespace
}  // namespace ravine
