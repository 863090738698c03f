#include "ravine/objective/normal_matrix.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "ravine/kernels/vector_ops.hpp"
#include "support/bits.hpp"
#include "support/ensembles.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::ensemble_of;
using testing::expect_all_near;
using testing::normals;
using testing::same_bits;

template <class T>
void expect_products_close(std::size_t dimension, std::size_t m, std::size_t vectors) {
  SCOPED_TRACE(::testing::Message() << "d = " << dimension << ", m = " << m);
  const MeasurementEnsemble ensemble = ensemble_of<T>(dimension, m);
  const std::size_t p = ensemble.unknowns();
  ThreadTeam team(3);
  NormalMatrix normal(ensemble, team);
  const std::vector<double> x = normals(vectors * p, "x");
  std::vector<double> y(x.size());
  normal.multiply(MatrixView(x.data(), vectors, p), MatrixView(y.data(), vectors, p));
  EnsemblePass pass(ensemble, team);
  pass.run({}, x);
  for (std::size_t k = 0; k < vectors; ++k) {
    expect_all_near(std::span(y).subspan(k * p, p), pass.adjoint(k), 1e-13);
  }
}

TEST(NormalMatrix, MultipliesAsTheMeasurementsAndTheirAdjointDo) {
  // p = 1, 105, 120, 210, 231, 465: around one and two panels of 112, and some.
  for (const std::size_t dimension : {1, 14, 15, 20, 21, 30}) {
    expect_products_close<float>(dimension, 1, 1);
    expect_products_close<float>(dimension, 500, 7);
    expect_products_close<double>(dimension, 384, 2);
    expect_products_close<double>(dimension, 385, 3);
  }
}

TEST(NormalMatrix, KnowsTheMeanOfItsEigenvalues) {
  const MeasurementEnsemble ensemble = ensemble_of<double>(21, 50);
  ThreadTeam team(2);
  std::vector<double> rows(50 * ensemble.unknowns());
  ensemble.form().copy_rows(0, MatrixView(rows.data(), 50, ensemble.unknowns()));
  const double trace = squared_norm(std::span<const double>(rows));
  EXPECT_NEAR(NormalMatrix(ensemble, team).mean_eigenvalue(),
              trace / static_cast<double>(ensemble.unknowns()), 1e-12 * trace);
}

TEST(NormalMatrix, GivesTheSameBitsForAnyThreadsAndVectors) {
  const MeasurementEnsemble ensemble = ensemble_of<float>(21, 700);
  const std::size_t p = ensemble.unknowns();
  const std::vector<double> x = normals(7 * p, "x");
  std::vector<double> expected(x.size());
  ThreadTeam alone(1);
  const MatrixView<const double> vectors(x.data(), 7, p);
  NormalMatrix(ensemble, alone).multiply(vectors, MatrixView(expected.data(), 7, p));
  for (const int threads : {2, 3, 8}) {
    ThreadTeam team(threads);
    NormalMatrix normal(ensemble, team);
    std::vector<double> y(x.size()), one(p);
    normal.multiply(vectors, MatrixView(y.data(), 7, p));
    EXPECT_TRUE(same_bits(y, expected)) << threads;
    normal.multiply(vectors.middle_rows(5, 1), MatrixView(one.data(), 1, p));
    EXPECT_TRUE(same_bits(std::span<const double>(one),
                          std::span<const double>(expected).subspan(5 * p, p)))
        << threads;
  }
}

}  // namespace
}  // namespace ravine
