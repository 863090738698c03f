#include "ravine/probe/measurement_spectrum.hpp"

#include <cmath>

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
      EigenOptions lanczos;
      lanczos.dense_size = 0;
      const SpectrumEnds ends = measurement_spectrum(ensemble, team, lanczos);
      EXPECT_TRUE(ends.converged) << ends.message;
      const double largest = values(0) * values(0);
      EXPECT_NEAR(ends.largest.value, largest, 1e-8 * largest);
      EXPECT_NEAR(ends.smallest.value, values(values.size() - 1) * values(values.size() - 1),
                  1e-8 * largest);
    }
  }
}

TEST(MeasurementSpectrum, HasTheSameBitsForAnyTeam) {
  std::vector<double> found;
  for (const int threads : {1, 3}) {
    ThreadTeam team(threads);
    const auto ensemble = random_ensemble(EnsembleKind::rank_one, 14, 80, 3, team);
    found.push_back(measurement_spectrum(ensemble, team).smallest.value);
  }
  EXPECT_EQ(found[0], found[1]);
}

}  // namespace
}  // namespace ravine
