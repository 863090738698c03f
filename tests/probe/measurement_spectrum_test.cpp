#include "ravine/probe/measurement_spectrum.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Eigenvalues>
#include <Eigen/SVD>
#include <gtest/gtest.h>

#include "ravine/objective/random_ensemble.hpp"

namespace ravine {
namespace {

TEST(MeasurementSpectrum, IsThatOfTheDenseMatrixForMoreAndFewerMeasurementsThanUnknowns) {
  ThreadTeam team(2);
  for (const auto& [name, kind] : kEnsembles) {
    for (const std::size_t m : {30, 55, 150}) {
      if (kind == EnsembleKind::entries && m > 55) continue;
      SCOPED_TRACE(::testing::Message() << name << ", m = " << m);
      const MeasurementEnsemble ensemble = random_ensemble(kind, 10, m, 3, team);
      Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> a(m, 55);
      ensemble.form().copy_rows(0, {a.data(), m, 55});
      const Eigen::VectorXd values =
          Eigen::BDCSVD<Eigen::MatrixXd>(a / std::sqrt(static_cast<double>(m))).singularValues();
      const double largest = values(0) * values(0);
      const double smallest = values(values.size() - 1) * values(values.size() - 1);
      for (const std::size_t most_written_out : {0, 1'000'000}) {
        const SpectrumEnds ends = measurement_spectrum(
            ensemble, team, {.lanczos = {.dense_size = 0}, .most_written_out = most_written_out});
        EXPECT_TRUE(ends.converged) << ends.message;
        EXPECT_NEAR(ends.largest.value, largest, 1e-8 * largest);
        EXPECT_NEAR(ends.smallest.value, smallest, 1e-8 * largest);
      }
    }
  }
}

TEST(MeasurementSpectrum, ResolvesTheSmallestValueWhereItIsNearZeroAmongOthers) {
  ThreadTeam team(2);
  const std::size_t d = 24, p = d * (d + 1) / 2;
  const MeasurementEnsemble ensemble = random_ensemble(EnsembleKind::gaussian, d, p - 1, 3, team);
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> a(p - 1, p);
  ensemble.form().copy_rows(0, {a.data(), p - 1, p});
  const Eigen::MatrixXd gram = a * a.transpose() / static_cast<double>(p - 1);
  const double smallest =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(gram, Eigen::EigenvaluesOnly).eigenvalues()(0);
  const MeasurementSpectrumOptions few{.lanczos = {.krylov_size = 40, .max_restarts = 0}};
  const SpectrumEnds ends = measurement_spectrum(ensemble, team, few);
  EXPECT_NEAR(ends.smallest.value, smallest, 1e-4 * smallest);
  EXPECT_LT(ends.smallest.residual, 0.01 * smallest);
  MeasurementSpectrumOptions too_large = few;
  too_large.most_written_out = 0;
  const SpectrumEnds bound = measurement_spectrum(ensemble, team, too_large);
  EXPECT_FALSE(bound.converged);
  EXPECT_GE(bound.smallest.value, smallest);
  EXPECT_LE(bound.products, 100U);
}

TEST(MeasurementSpectrum, KnowsThatARepeatedMeasurementLeavesAZero) {
  ThreadTeam team(2);
  const MeasurementEnsemble once = random_ensemble(EnsembleKind::gaussian, 20, 100, 3, team);
  AlignedBuffer<double> rows(101 * 210);
  once.form().copy_rows(0, {rows.data(), 100, 210});
  std::copy_n(rows.begin(), 210, rows.begin() + 100 * 210);
  const SpectrumEnds ends =
      measurement_spectrum(MeasurementEnsemble(20, 101, std::move(rows)), team);
  EXPECT_TRUE(ends.converged) << ends.message;
  EXPECT_NEAR(ends.smallest.value, 0, 1e-12);
}

TEST(MeasurementSpectrum, HasTheSameBitsForAnyTeam) {
  std::vector<double> found;
  for (const int threads : {1, 3}) {
    ThreadTeam team(threads);
    const auto ensemble = random_ensemble(EnsembleKind::rank_one, 20, 180, 3, team);
    found.push_back(measurement_spectrum(ensemble, team).smallest.value);
  }
  EXPECT_EQ(found[0], found[1]);
}

}  // namespace
}  // namespace ravine
