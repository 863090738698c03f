#include "ravine/kernels/row_statistics.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/ref/row_statistics.hpp"
#include "support/error_of.hpp"
#include "support/guarded_matrix.hpp"
#include "support/instruction_sets.hpp"

namespace ravine {
namespace {

using testing::error_of;
using testing::GuardedMatrix;
using testing::kAwkwardSizes;

const std::vector<std::size_t> kHeights = {0, 1, 3, 64};

class RowStatistics : public testing::WithInstructionSet {};

template <class T>
void expect_moments_close(std::size_t rows, std::size_t cols) {
  const auto matrix = GuardedMatrix<T>::normal(rows, cols, "x", {1, 3});
  const MatrixView<const T> x = matrix.view();
  std::vector<double> sums(rows), squares(rows), own(rows), exact_sums(rows), exact(rows);
  row_moments(x, sums, squares);
  row_squares(x, own);
  ref::row_moments(x, exact_sums, exact);
  for (std::size_t i = 0; i < rows; ++i) {
    double magnitude = 0;
    for (const T value : x.row(i)) magnitude += std::abs(double{value});
    const double error = static_cast<double>(cols) * std::numeric_limits<double>::epsilon();
    EXPECT_NEAR(sums[i], exact_sums[i], error * magnitude) << rows << " x " << cols;
    EXPECT_NEAR(squares[i], exact[i], error * exact[i]) << rows << " x " << cols;
    EXPECT_NEAR(own[i], exact[i], error * exact[i]) << rows << " x " << cols;
  }
}

TEST_P(RowStatistics, SumsAndSquaresAddInDouble) {
  for (const std::size_t rows : kHeights) {
    for (const std::size_t cols : kAwkwardSizes) {
      expect_moments_close<float>(rows, cols);
      expect_moments_close<double>(rows, cols);
    }
  }
}

template <class T>
void expect_counts_equal(std::size_t rows, std::size_t cols, T low, T high) {
  const auto matrix = GuardedMatrix<T>::normal(rows, cols, "x", {1, 3});
  std::vector<std::uint32_t> counts(cols, 99), exact(cols);
  count_outside(matrix.view(), low, high, counts);
  ref::count_outside(matrix.view(), low, high, exact);
  EXPECT_EQ(counts, exact) << rows << " x " << cols;
}

TEST_P(RowStatistics, CountsAreExact) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const std::size_t rows : kHeights) {
    for (const std::size_t cols : kAwkwardSizes) {
      expect_counts_equal<float>(rows, cols, -0.5F, 1);
      expect_counts_equal<double>(rows, cols, -0.5, 1);
      expect_counts_equal<float>(rows, cols, 0, kInfinity);
      expect_counts_equal<float>(rows, cols, -kInfinity, kInfinity);
    }
  }
}

TEST_P(RowStatistics, BoundsCountBelowAndNotAboveAndNaNNowhere) {
  const std::vector<float> x = {0, 1, NAN, -0.0F, std::nextafter(1.0F, 2.0F)};
  std::vector<std::uint32_t> counts(5);
  count_outside(MatrixView<const float>(x.data(), 1, 5), 0, 1, counts);
  EXPECT_EQ(counts, (std::vector<std::uint32_t>{1, 0, 0, 1, 1}));
}

TEST_P(RowStatistics, NonFiniteAndTinyNumbersShow) {
  std::vector<float> x(35, 1e-30F);
  std::vector<double> sums(1), squares(1);
  const MatrixView<const float> row(x.data(), 1, 35);
  row_squares(row, squares);
  EXPECT_NEAR(squares[0] / 35e-60, 1, 1e-6);
  x[20] = NAN;
  row_moments(row, sums, squares);
  EXPECT_TRUE(std::isnan(sums[0]) && std::isnan(squares[0]));
}

TEST_P(RowStatistics, RefusesOutputsOfAnotherSize) {
  const std::vector<float> x(12);
  const MatrixView<const float> view(x.data(), 3, 4);
  std::vector<double> three(3), four(4);
  std::vector<std::uint32_t> counts(3);
  EXPECT_EQ(error_of<ShapeError>([&] { row_squares(view, four); }),
            "[row_squares] squares: expected 3 numbers, got 4");
  EXPECT_EQ(error_of<ShapeError>([&] { row_moments(view, four, three); }),
            "[row_moments] sums: expected 3 numbers, got 4");
  EXPECT_EQ(error_of<ShapeError>([&] { count_outside(view, 0, 1, counts); }),
            "[count_outside] counts: expected 4 numbers, got 3");
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, RowStatistics,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

}  // namespace
}  // namespace ravine
