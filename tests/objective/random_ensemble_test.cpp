#include "ravine/objective/random_ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/matrix_sensing.hpp"
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

constexpr std::uint64_t kSeed = 7;

std::vector<double> rows_of(const MeasurementEnsemble& ensemble) {
  std::vector<double> rows(ensemble.count() * ensemble.unknowns());
  ensemble.form().copy_rows(0, {rows.data(), ensemble.count(), ensemble.unknowns()});
  return rows;
}

/// The same measurements as stored rows.
MeasurementEnsemble stored(const MeasurementEnsemble& ensemble) {
  const std::vector<double> rows = rows_of(ensemble);
  return {ensemble.dimension(), ensemble.count(), AlignedBuffer<double>(rows.begin(), rows.end())};
}

std::vector<double> svec_of(const std::vector<double>& matrix, std::size_t d) {
  std::vector<double> v(svec_size(d));
  svec(MatrixView<const double>(matrix.data(), d, d), v);
  return v;
}

class Ensembles : public ::testing::TestWithParam<Named<EnsembleKind>> {
 protected:
  MeasurementEnsemble ensemble(std::size_t d, std::size_t m, ThreadTeam& team) const {
    return random_ensemble(GetParam().choice, d, m, kSeed, team);
  }
};

INSTANTIATE_TEST_SUITE_P(All, Ensembles, ::testing::ValuesIn(kEnsembles), [](const auto& test) {
  std::string name(test.param.name);
  std::erase(name, '-');
  return name;
});

TEST_P(Ensembles, HaveTheAdjointOfWhatTheyMeasure) {
  ThreadTeam team(2);
  for (const auto& [d, m] : {std::pair<std::size_t, std::size_t>{1, 1}, {7, 20}, {30, 400}}) {
    const MeasurementEnsemble a = ensemble(d, m, team);
    EnsemblePass pass(a, team);
    const std::vector<double> x = normals(a.unknowns(), "x"), y = normals(m, "y");
    pass.run({}, x);
    const std::vector<double> ax(pass.residuals(0).begin(), pass.residuals(0).end());
    const std::vector<double> aty = pass.adjoint_of(y);
    const double scale = std::sqrt(squared_norm(std::span(ax)) * squared_norm(std::span(y)));
    EXPECT_NEAR(dot(std::span(ax), std::span(y)), dot(std::span(x), std::span(aty)), 1e-12 * scale)
        << d;
  }
}

TEST_P(Ensembles, PassOverWhatTheirRowsSay) {
  ThreadTeam team(3);
  for (const auto& [d, m] : {std::pair<std::size_t, std::size_t>{1, 1}, {6, 17}, {20, 205}}) {
    const MeasurementEnsemble a = ensemble(d, m, team), b = stored(a);
    EnsemblePass pass(a, team), direct(b, team);
    const std::vector<double> x = normals(3 * a.unknowns(), "x"), y = normals(m, "y");
    pass.run(y, x, 1);
    direct.run(y, x, 1);
    for (std::size_t k = 0; k < 3; ++k) {
      expect_all_near(pass.residuals(k), direct.residuals(k), 1e-12);
      expect_all_near(pass.adjoint(k), direct.adjoint(k), 1e-12);
    }
  }
}

TEST_P(Ensembles, GiveMatrixSensingTheLossGradientAndHessianOfTheirRows) {
  constexpr std::size_t d = 11, m = 66, rank = 4, size = d * rank;
  ThreadTeam team(2);
  const std::vector<std::string> names = {"a", "b", "c"};
  const std::vector<double> y = normals(m, "y"), u = normals(3 * size, "u"),
                            v = normals(3 * size, "v");
  const MeasurementEnsemble a = ensemble(d, m, team), b = stored(a);
  MatrixSensing sensing(a, y, rank, names, team), direct(b, y, rank, names, team);
  std::vector<double> gradient(u.size(), -5), expected(u.size(), -5), losses(3, -5), wanted(3, -5);
  for (const std::vector<std::uint8_t>& active :
       {std::vector<std::uint8_t>{}, std::vector<std::uint8_t>{0, 1, 0}}) {
    sensing.loss_and_gradient(u, Evaluation{0, active}, gradient, losses);
    direct.loss_and_gradient(u, Evaluation{0, active}, expected, wanted);
    expect_all_near(losses, wanted, 1e-13);
    expect_all_near(gradient, expected, 1e-12);
    EXPECT_TRUE(same_bits(sensing.gram(1), direct.gram(1)));
  }
  sensing.hessian_vector(u, {}, v, gradient);
  direct.hessian_vector(u, {}, v, expected);
  expect_all_near(gradient, expected, 1e-12);
}

TEST_P(Ensembles, GiveMembersTheBitsTheyHaveAlone) {
  constexpr std::size_t d = 9, m = 40, rank = 2, size = d * rank;
  ThreadTeam team(2);
  const MeasurementEnsemble a = ensemble(d, m, team);
  const std::vector<double> y = normals(m, "y"), u = normals(3 * size, "u");
  const std::vector<std::string> three = {"a", "b", "c"}, one = {"b"};
  MatrixSensing all(a, y, rank, three, team), alone(a, y, rank, one, team);
  std::vector<double> gradient(3 * size), losses(3), single(size), loss(1);
  all.loss_and_gradient(u, {}, gradient, losses);
  alone.loss_and_gradient(std::span(u).subspan(size, size), {}, single, loss);
  EXPECT_EQ(losses[1], loss[0]);
  EXPECT_TRUE(same_bits(std::span(gradient).subspan(size, size), std::span(single)));
}

TEST_P(Ensembles, AreAFunctionOfTheSeedForAnyThreads) {
  constexpr std::size_t d = 17, m = 101, rank = 3;
  const std::vector<double> y = normals(m, "y"), u = normals(d * rank, "u");
  const std::vector<std::string> names = {"1"};
  std::vector<std::vector<double>> rows, gradients;
  for (const int threads : {1, 2, 3, 8}) {
    ThreadTeam team(threads);
    const MeasurementEnsemble a = ensemble(d, m, team);
    MatrixSensing sensing(a, y, rank, names, team);
    std::vector<double> gradient(u.size()), loss(1);
    sensing.loss_and_gradient(u, {}, gradient, loss);
    rows.push_back(rows_of(a));
    gradients.push_back(gradient);
    EXPECT_TRUE(same_bits(rows.back(), rows.front())) << threads;
    EXPECT_TRUE(same_bits(gradients.back(), gradients.front())) << threads;
  }
  ThreadTeam team(1);
  EXPECT_FALSE(
      same_bits(rows_of(random_ensemble(GetParam().choice, d, m, kSeed + 1, team)), rows[0]));
}

TEST_P(Ensembles, HaveTheSecondMomentTheyClaim) {
  // E <A, X>^2 = square |X|^2 + trace tr(X)^2. Entries are drawn without repetition, which makes
  // the mean over draws exact only over seeds; the spread below is that of independent draws, and
  // more.
  constexpr std::size_t d = 5, p = svec_size(d), m = p, seeds = 1500;
  ThreadTeam team(1);
  std::vector<double> matrix = normals(d * d, "X");
  for (std::size_t i = 0; i < d; ++i) {
    matrix[i * d + i] += 2;
    for (std::size_t j = 0; j < i; ++j) matrix[i * d + j] = matrix[j * d + i];
  }
  const std::vector<double> x = svec_of(matrix, d);
  double trace = 0, mean = 0, square = 0;
  for (std::size_t i = 0; i < d; ++i) trace += matrix[i * d + i];
  SecondMoment moment;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const MeasurementEnsemble a = random_ensemble(GetParam().choice, d, m, seed, team);
    moment = a.second_moment();
    EnsemblePass pass(a, team);
    pass.run({}, x);
    const double value = squared_norm(pass.residuals(0)) / m;
    mean += value / seeds;
    square += value * value / seeds;
  }
  const double expected = moment.square * squared_norm(std::span(x)) + moment.trace * trace * trace;
  const double standard_error = std::sqrt(std::max(0.0, square - mean * mean) / seeds);
  EXPECT_NEAR(mean, expected, 4 * standard_error + 1e-12 * expected);
}

TEST_P(Ensembles, RefuseSizesOfZero) {
  ThreadTeam team(1);
  EXPECT_THAT(error_of<ShapeError>([&] { ensemble(3, 0, team); }),
              ::testing::HasSubstr("at least 1 each, got 3 and 0"));
  EXPECT_THROW(ensemble(0, 0, team), ShapeError);
}

TEST(SymmetricGaussianEnsemble, IsTheGaussianOneNumberByNumber) {
  ThreadTeam team(2);
  EXPECT_TRUE(
      same_bits(rows_of(random_ensemble(EnsembleKind::symmetric_gaussian, 6, 20, kSeed, team)),
                rows_of(MeasurementEnsemble::gaussian(6, 20, kSeed, team))));
}

TEST(RademacherEnsemble, IsTheSymmetricPartOfRandomSigns) {
  constexpr std::size_t d = 12, m = 400, p = svec_size(d);
  ThreadTeam team(3);
  const std::vector<double> rows =
      rows_of(random_ensemble(EnsembleKind::rademacher, d, m, kSeed, team));
  std::size_t ones = 0, zeros = 0, large = 0;
  const double root = std::numbers::sqrt2_v<float>;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0, place = 0; j < d; ++j) {
      ASSERT_EQ(std::abs(rows[i * p + place]), 1);
      ones += rows[i * p + place] > 0 ? 1 : 0;
      for (++place; place < svec_size(d) - svec_size(d - 1 - j); ++place) {
        const double value = rows[i * p + place];
        ASSERT_TRUE(value == 0 || value == root || value == -root) << value;
        zeros += value == 0 ? 1 : 0;
        large += value > 0 ? 1 : 0;
      }
    }
  }
  const double diagonal = m * d, others = m * (p - d);
  EXPECT_NEAR(static_cast<double>(ones), diagonal / 2, 4 * std::sqrt(diagonal / 4));
  EXPECT_NEAR(static_cast<double>(zeros), others / 2, 4 * std::sqrt(others / 4));
  EXPECT_NEAR(static_cast<double>(large), others / 4, 4 * std::sqrt(others * 3 / 16));
}

TEST(RankOneEnsemble, MeasuresQuadraticForms) {
  constexpr std::size_t d = 4, m = 9;
  const std::vector<double> a = normals(m * d, "a"), full = normals(d * d, "X");
  std::vector<double> x(svec_size(d));
  svec_symmetric_part(MatrixView<const double>(full.data(), d, d), x);
  ThreadTeam team(1);
  const MeasurementEnsemble ensemble =
      rank_one_ensemble(AlignedBuffer<double>(a.begin(), a.end()), d);
  EnsemblePass pass(ensemble, team);
  pass.run({}, x);
  for (std::size_t i = 0; i < m; ++i) {
    double form = 0;
    for (std::size_t j = 0; j < d; ++j) {
      for (std::size_t k = 0; k < d; ++k) form += a[i * d + j] * full[j * d + k] * a[i * d + k];
    }
    EXPECT_NEAR(pass.residuals(0)[i], form, 1e-13 * 40);
  }
}

TEST(RankOneEnsemble, KeepsNaNInItsMember) {
  constexpr std::size_t d = 6, m = 30, rank = 2, size = d * rank;
  ThreadTeam team(2);
  const MeasurementEnsemble a = random_ensemble(EnsembleKind::rank_one, d, m, kSeed, team);
  const std::vector<double> y = normals(m, "y");
  const std::vector<std::string> names = {"a", "b"};
  MatrixSensing sensing(a, y, rank, names, team);
  std::vector<double> u = normals(2 * size, "u"), gradient(u.size()), losses(2);
  u[3] = std::nan("");
  sensing.loss_and_gradient(u, {}, gradient, losses);
  EXPECT_TRUE(std::isnan(losses[0]));
  EXPECT_FALSE(std::isnan(losses[1]));
  EXPECT_FALSE(std::ranges::any_of(std::span(gradient).subspan(size),
                                   [](double g) { return std::isnan(g); }));
}

TEST(ObservedEntriesEnsemble, NeverReadsAnEntryTwice) {
  ThreadTeam team(1);
  constexpr std::size_t d = 10, m = 30, p = svec_size(d);
  const std::vector<double> rows =
      rows_of(random_ensemble(EnsembleKind::entries, d, m, kSeed, team));
  std::set<std::size_t> places;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < p; ++j) {
      if (rows[i * p + j] == 0) continue;
      EXPECT_DOUBLE_EQ(rows[i * p + j], std::sqrt(static_cast<double>(p)));
      places.insert(j);
    }
  }
  EXPECT_EQ(places.size(), m);
}

TEST(ObservedEntriesEnsemble, OfAllEntriesIsThePopulationLoss) {
  constexpr std::size_t d = 8, p = svec_size(d), rank = 3;
  ThreadTeam team(2);
  const MeasurementEnsemble a = random_ensemble(EnsembleKind::entries, d, p, kSeed, team);
  std::vector<double> truth = normals(d * d, "X");
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < i; ++j) truth[i * d + j] = truth[j * d + i];
  }
  EnsemblePass pass(a, team);
  pass.run({}, svec_of(truth, d));
  const std::vector<double> y(pass.residuals(0).begin(), pass.residuals(0).end());
  const std::vector<std::string> names = {"1"};
  MatrixSensing sensing(a, y, rank, names, team);
  MatrixSensing population =
      population_sensing(MatrixView<const double>(truth.data(), d, d), rank, team);
  const std::vector<double> u = normals(d * rank, "u");
  std::vector<double> gradient(u.size()), expected(u.size()), loss(1), mean(1);
  sensing.loss_and_gradient(u, {}, gradient, loss);
  population.loss_and_gradient(u, {}, expected, mean);
  EXPECT_NEAR(loss[0], mean[0], 1e-13 * mean[0]);
  expect_all_near(gradient, expected, 1e-13);
}

TEST(ObservedEntriesEnsemble, HasNoMoreThanThereAre) {
  ThreadTeam team(1);
  EXPECT_EQ(
      error_of<ConfigError>([&] { random_ensemble(EnsembleKind::entries, 4, 11, kSeed, team); }),
      "[ensemble] measurements: expected at most 10, the different entries, got 11");
}

}  // namespace
}  // namespace ravine
