#include "ravine/probe/singular_values.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include <Eigen/QR>
#include <Eigen/SVD>
#include <gtest/gtest.h>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/error.hpp"
#include "ravine/kernels/bidiagonalize.hpp"
#include "ravine/random/random.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

using ravine::testing::error_of;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

RowMajor random_matrix(std::size_t m, std::size_t n) {
  RowMajor a(m, n);
  RandomStream(1, "matrix").fill_normal(std::span(a.data(), m * n));
  return a;
}

MatrixView<const double> view(const RowMajor& a) {
  return {a.data(), static_cast<std::size_t>(a.rows()), static_cast<std::size_t>(a.cols())};
}

/// Q1 diag(values) Q2^T, square.
RowMajor with_singular_values(const Eigen::VectorXd& values) {
  const auto n = static_cast<std::size_t>(values.size());
  const RowMajor q1 = Eigen::HouseholderQR<RowMajor>(random_matrix(n, n)).householderQ();
  const RowMajor q2 = Eigen::HouseholderQR<RowMajor>(random_matrix(n, n + 1)).householderQ();
  return q1 * values.asDiagonal() * q2.transpose();
}

TEST(SingularValues, AreThoseOfAJacobiDecompositionInHigherPrecisionAtEverySize) {
  using LongMatrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
  for (const std::size_t m : {1, 2, 3, 5, 7, 8, 9, 16, 17, 33, 66}) {
    for (const std::size_t n : {1, 2, 3, 5, 7, 8, 9, 16, 17, 33, 66}) {
      const RowMajor a = random_matrix(m, n);
      const LongMatrix wider = a.cast<long double>();
      const Eigen::VectorXd expected =
          Eigen::JacobiSVD<LongMatrix>(wider).singularValues().cast<double>();
      const std::vector<double> found = singular_values(view(a), 10);
      ASSERT_EQ(found.size(), std::min(m, n));
      const double eps = std::numeric_limits<double>::epsilon() * expected[0];
      for (std::size_t k = 0; k < found.size(); ++k) {
        if (k < 10) {
          EXPECT_NEAR(found[k], expected[k], 8 * eps) << m << " x " << n << " value " << k;
        }
        EXPECT_NEAR(found[k] * found[k], expected[k] * expected[k], 100 * eps * expected[0])
            << m << " x " << n << " value " << k;
      }
    }
  }
}

TEST(SingularValues, AreFoundFarBelowTheSquareRootOfRounding) {
  Eigen::VectorXd values(30);
  for (Eigen::Index k = 0; k < 30; ++k) values[k] = k < 5 ? 10.0 - double(k) : 1e-9 / double(k);
  const std::vector<double> found = singular_values(view(with_singular_values(values)), 10);
  for (Eigen::Index k = 0; k < 10; ++k) {
    EXPECT_NEAR(found[static_cast<std::size_t>(k)], values[k], 1e-14) << "value " << k;
  }
}

TEST(SingularValues, MayRepeat) {
  const std::vector<double> found =
      singular_values(view(with_singular_values(Eigen::VectorXd::Constant(20, 3.0))), 20);
  for (const double value : found) EXPECT_NEAR(value, 3, 1e-14);
}

TEST(SingularValues, OfADiagonalMatrixAreItsEntries) {
  RowMajor a = RowMajor::Zero(6, 6);
  for (Eigen::Index i = 0; i < 6; ++i) a(i, i) = i % 2 == 0 ? double(i) : -double(i);
  const std::vector<double> found = singular_values(view(a), 6);
  for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(found[k], 5.0 - double(k), 1e-14);
}

TEST(SingularValues, ScaleWithTheMatrixWhateverItsSize) {
  for (const double scale : {1e-300, 1e-160, 1e160, 1e300}) {
    const RowMajor a = random_matrix(9, 7);
    const std::vector<double> unscaled = singular_values(view(a), 7);
    const std::vector<double> scaled = singular_values(view(scale * a), 7);
    for (std::size_t k = 0; k < 7; ++k) EXPECT_NEAR(scaled[k] / scale, unscaled[k], 1e-13);
  }
}

TEST(SingularValues, OfZeroAreZeroAndOfNaNAreNaN) {
  RowMajor a = RowMajor::Zero(4, 3);
  EXPECT_EQ(singular_values(view(a), 2), std::vector<double>(3, 0.0));
  a(2, 1) = NAN;
  for (const double value : singular_values(view(a), 2)) EXPECT_TRUE(std::isnan(value));
  a(2, 1) = INFINITY;
  for (const double value : singular_values(view(a), 2)) EXPECT_TRUE(std::isnan(value));
}

/// What a basis must be and do: orthonormal rows L with |A^T L^T| of the singular values.
void expect_left_vectors(const RowMajor& a, const SingularSpectrum& spectrum, std::size_t vectors) {
  const auto count = static_cast<Eigen::Index>(vectors);
  ASSERT_EQ(spectrum.left.size(), vectors * static_cast<std::size_t>(a.rows()));
  const Eigen::Map<const RowMajor> left(spectrum.left.data(), count, a.rows());
  EXPECT_LT((left * left.transpose() - RowMajor::Identity(count, count)).norm(), 1e-13);
  const RowMajor images = left * a;  // sigma_k v_k^T
  const double eps = std::numeric_limits<double>::epsilon() * spectrum.values[0];
  for (Eigen::Index k = 0; k < count; ++k) {
    const double sigma = spectrum.values[static_cast<std::size_t>(k)];
    EXPECT_NEAR(images.row(k).norm(), sigma, 20 * eps) << k;
    const Eigen::VectorXd back = a * images.row(k).transpose();
    EXPECT_LE((back - sigma * sigma * left.row(k).transpose()).norm(),
              60 * eps * spectrum.values[0])
        << k << " of " << a.rows() << " x " << a.cols();
  }
}

TEST(SingularSpectrum, HasLeftVectorsAtEverySize) {
  for (const std::size_t m : {1, 2, 3, 7, 8, 17, 66}) {
    for (const std::size_t n : {1, 2, 3, 7, 8, 17, 66}) {
      if (n > m) continue;
      const RowMajor a = random_matrix(m, n);
      const std::size_t vectors = std::min<std::size_t>(n, 5);
      const SingularSpectrum spectrum = singular_spectrum(view(a), 10, vectors);
      EXPECT_EQ(spectrum.values, singular_values(view(a), 10));
      expect_left_vectors(a, spectrum, vectors);
    }
  }
}

TEST(SingularSpectrum, HasLeftVectorsOfValuesThatRepeatOrLieFarApart) {
  Eigen::VectorXd values(20);
  values << 3, 3, 3, 1, 1, 1e-5, 1e-5 * (1 - 1e-14), 1e-8, Eigen::VectorXd::Constant(12, 1e-9);
  const RowMajor a = with_singular_values(values);
  expect_left_vectors(a, singular_spectrum(view(a), 10, 8), 8);
  const RowMajor same = with_singular_values(Eigen::VectorXd::Constant(20, 2.0));
  expect_left_vectors(same, singular_spectrum(view(same), 20, 20), 20);
}

TEST(SingularSpectrum, HasOrthonormalVectorsEvenWhereTheValueIsZero) {
  RowMajor a = RowMajor::Zero(6, 4);
  expect_left_vectors(a, singular_spectrum(view(a), 4, 4), 4);
  a(3, 1) = 2;
  expect_left_vectors(a, singular_spectrum(view(a), 4, 4), 4);
  const RowMajor thin = random_matrix(9, 2);
  const RowMajor deficient = thin * random_matrix(2, 7);
  expect_left_vectors(deficient, singular_spectrum(view(deficient), 4, 5), 5);
  a(0, 0) = NAN;
  for (const double x : singular_spectrum(view(a), 4, 2).left) EXPECT_TRUE(std::isnan(x));
}

TEST(SingularSpectrum, RefusesWideMatricesAndTooManyVectors) {
  const RowMajor wide = random_matrix(2, 3);
  EXPECT_EQ(
      error_of<ShapeError>([&] { singular_spectrum(view(wide), 2, 2); }),
      "[singular_spectrum] a: expected rows >= columns >= the 2 vectors asked for, got 2 x 3");
}

TEST(Bidiagonalize, KeepsTheReflectionsThatGiveItsLeftFactor) {
  constexpr std::size_t kRows = 11, kColumns = 6;
  AlignedBuffer<double> storage(kRows * 8);
  const MatrixView<double> a(storage.data(), kRows, kColumns, 8);
  const RowMajor original = random_matrix(kRows, kColumns);
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t j = 0; j < kColumns; ++j) {
      a(i, j) = original(Eigen::Index(i), Eigen::Index(j));
    }
  }
  std::vector<double> diagonal(kColumns), superdiagonal(kColumns);
  RowMajor kept(kColumns, kRows);
  bidiagonalize(a, diagonal, superdiagonal, MatrixView(kept.data(), kColumns, kRows));
  RowMajor rest = original;  // Q^T A = B P^T has the row norms of B
  for (Eigen::Index k = 0; k < kept.rows(); ++k) {
    rest -= kept.row(k).transpose() * (kept.row(k) * rest);
  }
  for (std::size_t k = 0; k < kColumns; ++k) {
    EXPECT_NEAR(rest.row(Eigen::Index(k)).norm(), std::hypot(diagonal[k], superdiagonal[k]), 1e-14);
  }
  EXPECT_LT(rest.bottomRows(kRows - kColumns).norm(), 1e-14);
}

TEST(Bidiagonalize, RefusesAMatrixWithFewerRowsThanColumns) {
  std::vector<double> a(8 * 2), diagonal(3), superdiagonal(3);
  EXPECT_EQ(error_of<ShapeError>(
                [&] { bidiagonalize(MatrixView(a.data(), 2, 3, 8), diagonal, superdiagonal); }),
            "[bidiagonalize] A: expected 3 x 3, got 2 x 3");
}

TEST(CountSingularValuesBelow, CountsThroughZeroPivots) {
  // Singular values 1, 2, 3 without coupling; each shift makes a pivot vanish.
  const std::vector<double> diagonal = {3, 1, 2}, superdiagonal = {0, 0, 0};
  const std::vector<double> x = {0, 0.5, 1.5, 2, 2.5, 3.5};
  std::vector<double> below(x.size());
  count_singular_values_below(diagonal, superdiagonal, x, below);
  EXPECT_EQ(below, (std::vector<double>{0, 0, 1, 1, 2, 3}));
}

}  // namespace
}  // namespace ravine
