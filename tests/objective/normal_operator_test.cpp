#include "ravine/objective/normal_operator.hpp"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

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

/// y = A x* + noise, with x* = svec of a matrix of rank 2.
struct Sensing {
  static constexpr std::size_t d = 12, p = svec_size(d), m = 3 * p;

  explicit Sensing(double noise = 0) {
    const std::vector<double> u = normals(2 * d, "truth");
    std::vector<double> square(d * d);
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t j = 0; j < d; ++j) {
        square[i * d + j] = u[2 * i] * u[2 * j] + u[2 * i + 1] * u[2 * j + 1];
      }
    }
    svec(MatrixView<const double>(square.data(), d, d), truth);
    EnsemblePass pass(ensemble, team);
    pass.run({}, truth);
    values.assign(pass.residuals(0).begin(), pass.residuals(0).end());
    add_scaled(noise, normals(m, "noise"), std::span(values));
  }

  /// x* + distance |x*| in some direction of unit length.
  std::vector<double> at(double distance, std::string_view name) const {
    const std::vector<double> direction = normals(p, name);
    std::vector<double> x = truth;
    const auto norm = [](std::span<const double> v) { return std::sqrt(squared_norm(v)); };
    add_scaled(distance * norm(truth) / norm(direction), direction, std::span(x));
    return x;
  }

  ThreadTeam team{2};
  MeasurementEnsemble ensemble = MeasurementEnsemble::gaussian(d, m, 5, team);
  std::vector<double> truth = std::vector<double>(p);
  std::vector<double> values;
};

/// Candidates without gaps.
MatrixView<const double> rows_of(std::span<const double> x, std::size_t p = Sensing::p) {
  return {x.data(), x.size() / p, p};
}

void expect_same_residuals(const ResidualOperator& got, const ResidualOperator& expected,
                           std::size_t candidates, double relative) {
  for (std::size_t k = 0; k < candidates; ++k) {
    EXPECT_NEAR(got.residual_square(k), expected.residual_square(k),
                relative * expected.residual_square(k))
        << k;
    expect_all_near(got.adjoint(k), expected.adjoint(k), relative);
  }
}

TEST(NormalOperator, AgreesWithTheMeasurementsForAffineAndLinearCandidates) {
  for (const double noise : {0.0, 0.3}) {
    Sensing sensing(noise);
    NormalOperator normal(sensing.ensemble, sensing.values, sensing.team);
    const auto passes = measurement_operator(sensing.ensemble, sensing.values, sensing.team);
    EXPECT_EQ(normal.dimension(), passes->dimension());
    EXPECT_EQ(normal.count(), passes->count());
    const std::vector<double> x = normals(7 * Sensing::p, "x");
    for (const std::size_t linear : {0, 3, 7}) {
      normal.run(rows_of(x), linear);
      passes->run(rows_of(x), linear);
      expect_same_residuals(normal, *passes, 7, 1e-12);
    }
  }
}

TEST(NormalOperator, KeepsItsDigitsOnTheWayToTheSolution) {
  // What both find to the last digits is A (x - x*), itself rounded to eps |x*|: 16 digits at
  // distance 1, 6 at 1e-10.
  const double epsilon = std::numeric_limits<double>::epsilon();
  Sensing sensing;
  NormalOperator normal(sensing.ensemble, sensing.values, sensing.team);
  const auto passes = measurement_operator(sensing.ensemble, sensing.values, sensing.team);
  for (const double distance : {1.0, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12}) {
    SCOPED_TRACE(distance);
    const std::vector<double> x = sensing.at(distance, "direction");
    normal.run(rows_of(x));
    passes->run(rows_of(x));
    expect_same_residuals(normal, *passes, 1, 40 * epsilon / distance + 1e-12);
  }
}

TEST(NormalOperator, SquaresAreNeverNegative) {
  Sensing sensing;
  NormalOperator normal(sensing.ensemble, sensing.values, sensing.team);
  const double scale = squared_norm(std::span<const double>(sensing.values));
  for (const double distance : {0.0, 1e-16, 1e-15, 1e-14, 1e-13}) {
    for (const char* name : {"a", "b", "c", "d"}) {
      normal.run(rows_of(sensing.at(distance, name)));
      EXPECT_GE(normal.residual_square(0), 0);
      EXPECT_LE(normal.residual_square(0), 1e-24 * scale);
    }
  }
}

TEST(NormalOperator, HoldsWhereTheLeastSquaresSolutionIsNotUnique) {
  // Every measurement sees the same few entries; as many as there are unknowns, and more.
  constexpr std::size_t d = 6, p = svec_size(d), m = 2 * p;
  AlignedBuffer<double> rows(m * p);
  const std::vector<double> entries = normals(4 * m, "entries");
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < 4; ++j) rows[i * p + 5 * j] = entries[4 * i + j];
  }
  const MeasurementEnsemble ensemble(d, m, std::move(rows));
  const std::vector<double> values = normals(m, "values");
  ThreadTeam team(2);
  NormalOperator normal(ensemble, values, team);
  const auto passes = measurement_operator(ensemble, values, team);
  const std::vector<double> x = normals(3 * p, "x");
  normal.run(rows_of(x, p), 1);
  passes->run(rows_of(x, p), 1);
  expect_same_residuals(normal, *passes, 3, 1e-12);
}

TEST(NormalOperator, BeginsWhereTheSolutionIsKnown) {
  Sensing sensing;
  NormalOperator normal(sensing.ensemble, sensing.values, sensing.team, sensing.truth);
  normal.run(rows_of(sensing.truth));
  EXPECT_EQ(normal.residual_square(0), 0);
  for (const double g : normal.adjoint(0)) EXPECT_EQ(g, 0);
  Sensing noisy(0.3);  // and where the least squares are at another matrix
  NormalOperator searched(noisy.ensemble, noisy.values, noisy.team, noisy.truth);
  const auto passes = measurement_operator(noisy.ensemble, noisy.values, noisy.team);
  for (const double distance : {1.0, 1e-3, 0.0}) {
    const std::vector<double> x = noisy.at(distance, "direction");
    searched.run(rows_of(x));
    passes->run(rows_of(x));
    expect_same_residuals(searched, *passes, 1, 1e-11);
  }
}

TEST(NormalOperator, KeepsItsDigitsNearEverySolutionWhereThereAreMany) {
  // 25 of 78 unknowns are measured. Descent from another point than X* ends at another solution.
  constexpr std::size_t p = Sensing::p, m = 25;
  Sensing sensing;
  const MeasurementEnsemble few = MeasurementEnsemble::gaussian(Sensing::d, m, 5, sensing.team);
  EnsemblePass pass(few, sensing.team);
  pass.run({}, sensing.truth);
  const std::vector<double> values(pass.residuals(0).begin(), pass.residuals(0).end());
  NormalOperator normal(few, values, sensing.team, sensing.truth);
  const auto passes = measurement_operator(few, values, sensing.team);
  std::vector<double> x = normals(2 * p, "x");  // the second is linear
  const double first = squared_norm(std::span<const double>(values));
  double last = first;
  for (int step = 0; step < 300; ++step) {
    normal.run(rows_of(x), 1);
    passes->run(rows_of(x), 1);
    last = passes->residual_square(0);
    ASSERT_NEAR(normal.residual_square(0), last, 1e-11 * last + 1e-29 * first) << step;
    ASSERT_NEAR(normal.residual_square(1), passes->residual_square(1),
                1e-11 * passes->residual_square(1));
    add_scaled(-1.0 / 200, passes->adjoint(0), std::span(x).first(p));
  }
  EXPECT_LT(last, 1e-18 * first);
}

TEST(NormalOperator, NotANumberStaysInItsCandidate) {
  Sensing sensing;
  NormalOperator normal(sensing.ensemble, sensing.values, sensing.team);
  std::vector<double> x = normals(3 * Sensing::p, "x");
  x[Sensing::p + 7] = std::nan("");
  normal.run(rows_of(x));
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(std::isnan(normal.residual_square(k)), k == 1);
    EXPECT_EQ(std::isnan(normal.adjoint(k)[3]), k == 1);
  }
}

TEST(NormalOperator, GivesTheSameBitsForAnyThreadsAndCandidates) {
  Sensing sensing(0.1);
  const std::vector<double> x = normals(7 * Sensing::p, "x");
  NormalOperator expected(sensing.ensemble, sensing.values, sensing.team);
  expected.run(rows_of(x), 2);
  for (const int threads : {1, 3, 8}) {
    ThreadTeam team(threads);
    NormalOperator normal(sensing.ensemble, sensing.values, team);
    normal.run(rows_of(x), 2);
    for (std::size_t k = 0; k < 7; ++k) {
      EXPECT_EQ(normal.residual_square(k), expected.residual_square(k)) << threads;
      EXPECT_TRUE(same_bits(normal.adjoint(k), expected.adjoint(k))) << threads;
    }
    normal.run(rows_of(x).middle_rows(3, 1));
    EXPECT_EQ(normal.residual_square(0), expected.residual_square(3)) << threads;
    EXPECT_TRUE(same_bits(normal.adjoint(0), expected.adjoint(3))) << threads;
  }
}

TEST(NormalOperator, RefusesCandidatesAndValuesThatDoNotFit) {
  Sensing sensing;
  NormalOperator normal(sensing.ensemble, sensing.values, sensing.team);
  const std::vector<double> x(79);
  EXPECT_EQ(error_of<ShapeError>([&] {
              normal.run({x.data(), 1, 79});
            }),
            "[normal_operator] x: expected at least 0 rows of 78, got 1 x 79");
  EXPECT_EQ(error_of<ShapeError>([&] {
              normal.run({x.data(), 1, 78}, 2);
            }),
            "[normal_operator] x: expected at least 2 rows of 78, got 1 x 78");
  EXPECT_EQ(error_of<ShapeError>(
                [&] { NormalOperator(sensing.ensemble, std::vector<double>(5), sensing.team); }),
            "[ensemble_pass] values: expected 234 numbers, got 5");
  EXPECT_EQ(error_of<ShapeError>(
                [&] { NormalOperator(sensing.ensemble, sensing.values, sensing.team, x); }),
            "[normal_operator] start: expected 1 x 78, got 1 x 79");
}

TEST(MatrixSensing, IsTheSameObjectiveByTheNormalOperator) {
  Sensing sensing(0.2);
  const std::vector<std::string> names = {"a", "b", "c", "d"};
  constexpr std::size_t kRank = 5, kSize = Sensing::d * kRank;
  MatrixSensing direct(sensing.ensemble, sensing.values, kRank, names, sensing.team);
  MatrixSensing normal(
      std::make_unique<NormalOperator>(sensing.ensemble, sensing.values, sensing.team), kRank,
      names, sensing.team);
  const std::vector<double> u = normals(4 * kSize, "U"), v = normals(4 * kSize, "V");
  const std::vector<std::uint8_t> some = {1, 0, 0, 1};
  for (const std::span<const std::uint8_t> active : {std::span<const std::uint8_t>(), {some}}) {
    std::vector<double> losses(4, -5), expected_losses(4, -5);
    std::vector<double> gradient(4 * kSize, -5), expected_gradient(4 * kSize, -5);
    direct.loss_and_gradient(u, {0, active}, expected_gradient, expected_losses);
    normal.loss_and_gradient(u, {0, active}, gradient, losses);
    expect_all_near(losses, expected_losses, 1e-12);
    expect_all_near(gradient, expected_gradient, 1e-12);
    direct.hessian_vector(u, {0, active}, v, expected_gradient);
    normal.hessian_vector(u, {0, active}, v, gradient);
    expect_all_near(gradient, expected_gradient, 1e-12);
  }
}

}  // namespace
}  // namespace ravine
