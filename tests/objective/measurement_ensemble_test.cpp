#include "ravine/objective/measurement_ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/base/matrix_view.hpp"
#include "ravine/kernels/ref/measurement_pass.hpp"
#include "ravine/objective/spaced_stride.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/random/random.hpp"
#include "support/bits.hpp"
#include "support/ensembles.hpp"
#include "support/error_of.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::ensemble_of;
using testing::error_of;
using testing::normals;
using testing::same_bits;

std::vector<double> rows_of(const MeasurementEnsemble& ensemble) {
  std::vector<double> rows(ensemble.count() * ensemble.unknowns());
  ensemble.form().copy_rows(0, {rows.data(), ensemble.count(), ensemble.unknowns()});
  return rows;
}

struct Moments {
  double mean = 0, square = 0, fourth = 0;
};

template <class Numbers>
Moments moments(const Numbers& numbers) {
  Moments m;
  for (const double x : numbers) {
    m.mean += x;
    m.square += x * x;
    m.fourth += x * x * x * x;
  }
  const double count = static_cast<double>(numbers.size());
  return {m.mean / count, m.square / count, m.fourth / count};
}

/// Within four standard errors of E x = 0, E x^2 = 1, E x^4 = 3.
void expect_standard_normal(const Moments& m, double count) {
  EXPECT_NEAR(m.mean, 0, 4 / std::sqrt(count));
  EXPECT_NEAR(m.square, 1, 4 * std::sqrt(2 / count));
  EXPECT_NEAR(m.fourth, 3, 4 * std::sqrt(96 / count));
}

TEST(GaussianEnsemble, HasIndependentStandardNormalEntries) {
  ThreadTeam team(2);
  const auto ensemble = MeasurementEnsemble::gaussian(20, 1000, 1234, team);
  EXPECT_EQ(ensemble.unknowns(), 210U);
  const std::vector<double> rows = rows_of(ensemble);
  ASSERT_EQ(rows.size(), 210'000U);
  expect_standard_normal(moments(rows), 210'000);
}

TEST(GaussianEnsemble, IsDistributedAsTheSymmetricPartOfAGaussianMatrix) {
  // The claim that lets the generator draw p numbers instead of d^2: svec((A + A^T) / 2) of a
  // matrix A with i.i.d. N(0, 1) entries has i.i.d. N(0, 1) entries itself.
  constexpr std::size_t d = 4, p = svec_size(d), kDraws = 20'000;
  const std::vector<double> entries = normals(kDraws * d * d, "full matrices");
  std::vector<double> v(p), second_moments(p * p), all;
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    svec_symmetric_part(MatrixView<const double>(entries.data() + draw * d * d, d, d), v);
    all.insert(all.end(), v.begin(), v.end());
    for (std::size_t i = 0; i < p; ++i) {
      for (std::size_t j = 0; j < p; ++j) second_moments[i * p + j] += v[i] * v[j] / kDraws;
    }
  }
  expect_standard_normal(moments(all), kDraws * p);
  for (std::size_t i = 0; i < p; ++i) {
    for (std::size_t j = 0; j < p; ++j) {
      const double variance = i == j ? 2 : 1;  // of x_i x_j
      EXPECT_NEAR(second_moments[i * p + j], i == j ? 1 : 0, 4.5 * std::sqrt(variance / kDraws));
    }
  }
}

TEST(GaussianEnsemble, IsAFunctionOfTheSeedForAnyThreads) {
  ThreadTeam alone(1);
  const auto expected = MeasurementEnsemble::gaussian(17, 101, 5, alone);
  for (const int threads : {2, 3, 8}) {
    ThreadTeam team(threads);
    const auto ensemble = MeasurementEnsemble::gaussian(17, 101, 5, team);
    EXPECT_TRUE(same_bits(rows_of(ensemble), rows_of(expected))) << threads;
  }
  const auto other = MeasurementEnsemble::gaussian(17, 101, 6, alone);
  EXPECT_FALSE(same_bits(rows_of(other), rows_of(expected)));
}

TEST(MeasurementEnsemble, MayMeasureNothing) {
  const MeasurementEnsemble none = MeasurementEnsemble::none(5);
  EXPECT_EQ(none.dimension(), 5U);
  EXPECT_EQ(none.count(), 0U);
  EXPECT_EQ(none.unknowns(), 15U);
}

TEST(MeasurementEnsemble, RefusesRowsThatDoNotFit) {
  EXPECT_EQ(error_of<ShapeError>([] { MeasurementEnsemble(3, 2, AlignedBuffer<double>(11)); }),
            "[measurement_ensemble] rows: expected 2 x 6, got 11 numbers");
  EXPECT_EQ(error_of<ShapeError>([] { MeasurementEnsemble(0, 2, AlignedBuffer<double>()); }),
            "[measurement_ensemble] dimension and count: expected at least 1 each, got 0 and 2");
  EXPECT_EQ(error_of<ShapeError>([] { MeasurementEnsemble(3, 0, AlignedBuffer<float>()); }),
            "[measurement_ensemble] dimension and count: expected at least 1 each, got 3 and 0");
}

struct PassCase {
  PassCase(std::size_t dimension, std::size_t m, std::size_t candidates)
      : values(normals(m, "values")), x(normals(candidates * svec_size(dimension), "x")) {}
  std::vector<double> values, x;
};

template <class T>
void expect_pass_close(std::size_t dimension, std::size_t m, std::size_t candidates) {
  const MeasurementEnsemble ensemble = ensemble_of<T>(dimension, m);
  const std::size_t p = ensemble.unknowns();
  const PassCase data(dimension, m, candidates);
  ThreadTeam team(3);
  EnsemblePass pass(ensemble, team);
  pass.run(data.values, data.x);
  std::vector<double> residuals(candidates * m), adjoint(candidates * p);
  const std::vector<double> wide = rows_of(ensemble);
  const std::vector<T> rows(wide.begin(), wide.end());
  ref::measurement_pass(MatrixView<const T>(rows.data(), m, p), data.values,
                        MatrixView<const double>(data.x.data(), candidates, p),
                        MatrixView<double>(residuals.data(), candidates, m),
                        MatrixView<double>(adjoint.data(), candidates, p));
  for (std::size_t k = 0; k < candidates; ++k) {
    for (std::size_t i = 0; i < m; ++i) {
      ASSERT_NEAR(pass.residuals(k)[i], residuals[k * m + i], 1e-12);
    }
    for (std::size_t j = 0; j < p; ++j) {
      ASSERT_NEAR(pass.adjoint(k)[j], adjoint[k * p + j], 1e-11);
    }
  }
}

TEST(EnsemblePass, AgreesWithTheReference) {
  for (const std::size_t m : {1, 5, 15, 16, 17, 100}) {
    expect_pass_close<float>(6, m, 2);
    expect_pass_close<double>(9, m, 7);
  }
}

TEST(EnsemblePass, GivesTheSameBitsForAnyThreadsAndCandidates) {
  const MeasurementEnsemble ensemble = ensemble_of<float>(12, 203);
  const PassCase data(12, 203, 7);
  ThreadTeam alone(1);
  EnsemblePass expected(ensemble, alone);
  expected.run(data.values, data.x);
  for (const int threads : {1, 2, 3, 8}) {
    ThreadTeam team(threads);
    EnsemblePass pass(ensemble, team);
    pass.run(data.values, data.x);
    for (std::size_t k = 0; k < 7; ++k) {
      EXPECT_TRUE(same_bits(pass.residuals(k), expected.residuals(k))) << threads;
      EXPECT_TRUE(same_bits(pass.adjoint(k), expected.adjoint(k))) << threads;
    }
    pass.run(data.values, std::span(data.x).subspan(3 * ensemble.unknowns(), ensemble.unknowns()));
    EXPECT_TRUE(same_bits(pass.adjoint(0), expected.adjoint(3))) << threads;
  }
}

TEST(EnsemblePass, GivesTheSameBitsHoweverFarApartCandidatesLie) {
  const MeasurementEnsemble ensemble = ensemble_of<float>(12, 203);
  const PassCase data(12, 203, 7);
  const std::size_t p = ensemble.unknowns(), stride = spaced_stride(p);
  std::vector<double> apart(7 * stride, NAN);
  const MatrixView<double> x(apart.data(), 7, p, stride);
  for (std::size_t k = 0; k < 7; ++k) {
    std::ranges::copy(std::span(data.x).subspan(k * p, p), x.row(k).begin());
  }
  ThreadTeam team(2);
  EnsemblePass expected(ensemble, team), pass(ensemble, team);
  expected.run(data.values, data.x, 2);
  pass.run(data.values, x, 2);
  for (std::size_t k = 0; k < 7; ++k) {
    EXPECT_TRUE(same_bits(pass.residuals(k), expected.residuals(k))) << k;
    EXPECT_TRUE(same_bits(pass.adjoint(k), expected.adjoint(k))) << k;
  }
}

TEST(EnsemblePass, WithoutValuesMeasuresAlone) {
  const MeasurementEnsemble ensemble = ensemble_of<float>(6, 40);
  const PassCase data(6, 40, 1);
  ThreadTeam team(2);
  EnsemblePass bare(ensemble, team), zeros(ensemble, team);
  bare.run({}, data.x);
  zeros.run(std::vector<double>(40), data.x);
  EXPECT_TRUE(same_bits(bare.residuals(0), zeros.residuals(0)));
  EXPECT_TRUE(same_bits(bare.adjoint(0), zeros.adjoint(0)));
}

TEST(EnsemblePass, MeasuresLinearCandidatesAgainstZeros) {
  const MeasurementEnsemble ensemble = ensemble_of<float>(9, 500);
  const std::size_t p = ensemble.unknowns();
  const PassCase data(9, 500, 7);
  ThreadTeam team(2);
  EnsemblePass both(ensemble, team), affine(ensemble, team), linear(ensemble, team);
  both.run(data.values, data.x, 4);
  affine.run(data.values, std::span(data.x).first(3 * p));
  linear.run({}, std::span(data.x).subspan(3 * p));
  for (std::size_t k = 0; k < 7; ++k) {
    const EnsemblePass& alone = k < 3 ? affine : linear;
    const std::size_t place = k < 3 ? k : k - 3;
    EXPECT_TRUE(same_bits(both.residuals(k), alone.residuals(place))) << k;
    EXPECT_TRUE(same_bits(both.adjoint(k), alone.adjoint(place))) << k;
  }
}

TEST(EnsemblePass, RefusesCandidatesAndValuesThatDoNotFit) {
  const MeasurementEnsemble ensemble = ensemble_of<float>(3, 4);
  ThreadTeam team(1);
  EnsemblePass pass(ensemble, team);
  EXPECT_EQ(error_of<ShapeError>([&] { pass.run({}, std::vector<double>(7)); }),
            "[ensemble_pass] x: expected rows of 6, got 7 numbers");
  EXPECT_EQ(error_of<ShapeError>([&] { pass.run({}, std::vector<double>(18), 4); }),
            "[ensemble_pass] x: expected at least 4 rows of 6, got 3 x 6");
  EXPECT_EQ(error_of<ShapeError>([&] { pass.run(std::vector<double>(5), std::vector<double>(6)); }),
            "[ensemble_pass] values: expected 4 numbers, got 5");
}

}  // namespace
}  // namespace ravine
