#include "ravine/objective/svec.hpp"

#include <limits>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/kernels/vector_ops.hpp"
#include "support/guarded_matrix.hpp"

namespace ravine {
namespace {

using testing::GuardedMatrix;

GuardedMatrix<double> symmetric(std::size_t d, const char* name) {
  auto matrix = GuardedMatrix<double>::normal(d, d, name, {0, 2});
  const MatrixView<double> m = matrix.view();
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < i; ++j) m(i, j) = m(j, i);
  }
  return matrix;
}

/// trace(A^T B) = sum of A_ij B_ij.
double inner(MatrixView<const double> a, MatrixView<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (std::size_t j = 0; j < a.cols; ++j) sum += a(i, j) * b(i, j);
  }
  return sum;
}

std::vector<double> svec_of(const GuardedMatrix<double>& m) {
  std::vector<double> v(svec_size(m.view().rows));
  svec(m.view(), v);
  return v;
}

constexpr std::size_t kDimensions[] = {0, 1, 2, 3, 7, 20};

TEST(Svec, KeepsInnerProductsOfSymmetricMatrices) {
  for (const std::size_t d : kDimensions) {
    const auto a = symmetric(d, "A"), b = symmetric(d, "B");
    EXPECT_NEAR(dot(std::span<const double>(svec_of(a)), svec_of(b)), inner(a.view(), b.view()),
                1e-13 * static_cast<double>(d * d));
  }
}

TEST(Svec, ReadsTheUpperTriangleRowByRow) {
  GuardedMatrix<double> m(3, 3);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      m.view()(i, j) =
          j < i ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(10 * i + j);
    }
  }
  const double root = std::numbers::sqrt2;
  EXPECT_EQ(svec_of(m), (std::vector<double>{0, root, 2 * root, 11, 12 * root, 22}));
}

TEST(Smat, UndoesSvecAndScales) {
  for (const std::size_t d : kDimensions) {
    const auto m = symmetric(d, "M");
    GuardedMatrix<double> back(d, d, {1, 3});
    smat(svec_of(m), 0.25, back.view());
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t j = 0; j < d; ++j) {
        EXPECT_DOUBLE_EQ(back.view()(i, j), 0.25 * m.view()(i, j));
        EXPECT_EQ(back.view()(i, j), back.view()(j, i));
      }
    }
    EXPECT_TRUE(back.intact());
  }
}

template <class T>
void expect_symmetric_part_measures_alike() {
  for (const std::size_t d : kDimensions) {
    const auto a = GuardedMatrix<T>::normal(d, d, "any A", {1, 1});
    GuardedMatrix<double> wide(d, d);
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t j = 0; j < d; ++j) wide.view()(i, j) = a.view()(i, j);
    }
    const auto m = symmetric(d, "M");
    std::vector<double> row(svec_size(d));
    svec_symmetric_part(a.view(), row);
    EXPECT_NEAR(dot(std::span<const double>(row), svec_of(m)), inner(wide.view(), m.view()),
                1e-13 * static_cast<double>(d * d));
  }
}

TEST(SvecSymmetricPart, MeasuresSymmetricMatricesAsTheFullMatrixDoes) {
  expect_symmetric_part_measures_alike<float>();
  expect_symmetric_part_measures_alike<double>();
}

TEST(SvecDimension, InvertsSvecSizeAndRefusesOtherNumbers) {
  for (std::size_t d = 0; d < 3000; ++d) ASSERT_EQ(svec_dimension(svec_size(d)), d);
  for (const std::size_t p : {2, 4, 5, 7, 5049, 5051}) EXPECT_EQ(svec_dimension(p), 0U) << p;
}

}  // namespace
}  // namespace ravine
