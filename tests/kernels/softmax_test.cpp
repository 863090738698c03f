#include "ravine/kernels/softmax.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/ref/softmax.hpp"
#include "support/bits.hpp"
#include "support/error_of.hpp"
#include "support/guarded_matrix.hpp"

namespace ravine {
namespace {

using testing::error_of;
using testing::GuardedMatrix;
using testing::same_bits;

std::vector<std::uint8_t> labels_below(std::size_t classes, std::size_t count) {
  std::vector<std::uint8_t> labels(count);
  for (std::size_t b = 0; b < count; ++b) labels[b] = static_cast<std::uint8_t>(b * 7 % classes);
  return labels;
}

template <class T>
void expect_softmax_close(std::size_t rows, std::size_t classes) {
  SCOPED_TRACE(::testing::Message() << rows << " x " << classes);
  constexpr double kEpsilon = std::numeric_limits<T>::epsilon();
  constexpr double kScale = 1.0 / 128;
  auto logits = GuardedMatrix<T>::normal(rows, classes, "logits", {1, 2});
  for (std::size_t b = 0; b < rows; ++b) {
    for (T& z : logits.view().row(b)) z *= T(5);
  }
  const std::vector<std::uint8_t> labels = labels_below(classes, rows);
  GuardedMatrix<T> delta(rows, classes, {1, 3});
  GuardedMatrix<T> exact(rows, classes);
  std::vector<double> losses(rows), exact_losses(rows);
  softmax_nll(logits.view(), labels, kScale, delta.view(), losses);
  ref::softmax_nll(logits.view(), labels, kScale, exact.view(), exact_losses);
  for (std::size_t b = 0; b < rows; ++b) {
    // Logits reach 35, which is the scale of the errors in the exponents.
    EXPECT_NEAR(losses[b], exact_losses[b], 70 * kEpsilon);
    for (std::size_t c = 0; c < classes; ++c) {
      EXPECT_NEAR(delta.view()(b, c), exact.view()(b, c), 70 * kEpsilon * kScale);
    }
  }
  EXPECT_TRUE(delta.intact());
}

TEST(SoftmaxNll, AgreesWithTheReference) {
  for (const std::size_t rows : {0, 1, 3, 7, 128}) {
    for (const std::size_t classes : {1, 2, 3, 7, 10, 16, 17, 130}) {
      expect_softmax_close<float>(rows, classes);
      expect_softmax_close<double>(rows, classes);
    }
  }
}

TEST(SoftmaxNll, RowsOfTheGradientSumToZero) {
  const auto logits = GuardedMatrix<float>::normal(50, 10, "logits");
  const std::vector<std::uint8_t> labels = labels_below(10, 50);
  GuardedMatrix<float> delta(50, 10);
  std::vector<double> losses(50);
  softmax_nll(logits.view(), labels, 1, delta.view(), losses);
  for (std::size_t b = 0; b < 50; ++b) {
    const std::span<const float> row = delta.view().row(b);
    EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 0,
                10 * std::numeric_limits<float>::epsilon());
    for (std::size_t c = 0; c < 10; ++c) EXPECT_EQ(row[c] < 0, c == labels[b]);
  }
}

TEST(SoftmaxNll, MayWriteOverItsLogits) {
  auto logits = GuardedMatrix<double>::normal(5, 10, "logits");
  const std::vector<std::uint8_t> labels = labels_below(10, 5);
  GuardedMatrix<double> delta(5, 10);
  std::vector<double> losses(5), losses_in_place(5);
  softmax_nll(logits.view(), labels, 0.25, delta.view(), losses);
  softmax_nll(logits.view(), labels, 0.25, logits.view(), losses_in_place);
  EXPECT_TRUE(same_bits(logits.view(), delta.view()));
  EXPECT_TRUE(same_bits(losses, losses_in_place));
}

TEST(SoftmaxNll, HugeLogitsNeitherOverflowNorVanish) {
  const std::vector<float> logits = {3e38F, 0, -3e38F};
  const std::vector<std::uint8_t> right = {0}, wrong = {1};
  std::vector<float> delta(3);
  std::vector<double> loss(1);
  const MatrixView<const float> z(logits.data(), 1, 3);
  softmax_nll(z, right, 1, MatrixView<float>(delta.data(), 1, 3), loss);
  EXPECT_EQ(loss[0], 0);
  EXPECT_EQ(delta, (std::vector<float>{0, 0, 0}));
  softmax_nll(z, wrong, 1, MatrixView<float>(delta.data(), 1, 3), loss);
  EXPECT_FLOAT_EQ(static_cast<float>(loss[0]), 3e38F);
  EXPECT_EQ(delta, (std::vector<float>{1, -1, 0}));
}

TEST(SoftmaxNll, NaNSpoilsItsRowOnly) {
  for (std::size_t place = 0; place < 4; ++place) {
    std::vector<double> z(12, 1);
    z[4 + place] = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> losses(3);
    const MatrixView<double> view(z.data(), 3, 4);
    softmax_nll(view, std::vector<std::uint8_t>{0, 1, 2}, 1, view, losses);
    for (std::size_t b = 0; b < 3; ++b) {
      EXPECT_EQ(std::isnan(losses[b]), b == 1);
      for (std::size_t c = 0; c < 4; ++c) EXPECT_EQ(std::isnan(view(b, c)), b == 1);
    }
  }
}

TEST(SoftmaxNll, RefusesShapesAndLabelsThatDoNotFit) {
  std::vector<double> z(12), losses(3);
  std::vector<std::uint8_t> labels = {0, 1, 2};
  const MatrixView<double> view(z.data(), 3, 4);
  EXPECT_EQ(error_of<ShapeError>(
                [&] { softmax_nll(view, labels, 1, MatrixView<double>(z.data(), 4, 3), losses); }),
            "[softmax_nll] delta: expected 3 x 4, got 4 x 3");
  EXPECT_EQ(
      error_of<ShapeError>([&] { softmax_nll(view, std::span(labels).first(2), 1, view, losses); }),
      "[softmax_nll] labels and losses: expected 3 each, got 2 and 3");
  labels[1] = 4;
  EXPECT_EQ(error_of<ShapeError>([&] { softmax_nll(view, labels, 1, view, losses); }),
            "[softmax_nll] label: expected below 4, got 4");
}

TEST(Predicts, TheFirstOfEqualLogitsCounts) {
  const std::vector<float> logits = {1, 3, 3, 2};
  EXPECT_TRUE(predicts(logits, 1));
  EXPECT_FALSE(predicts(logits, 2));
  EXPECT_FALSE(predicts(logits, 0));
}

}  // namespace
}  // namespace ravine
