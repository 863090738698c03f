#include "ravine/objective/loss.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/softmax.hpp"
#include "support/error_of.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::error_of;
using testing::normals;

constexpr std::size_t kRows = 5, kClasses = 3;
const std::vector<std::uint8_t> kLabels = {0, 2, 1, 1, 0};

struct Judged {
  std::vector<double> delta = std::vector<double>(kRows * kClasses);
  std::vector<double> losses = std::vector<double>(kRows);
};

Judged judge(Loss loss, std::vector<double> outputs, double scale) {
  Judged result;
  sample_losses(loss, MatrixView<const double>(outputs.data(), kRows, kClasses), kLabels, scale,
                MatrixView<double>(result.delta.data(), kRows, kClasses), result.losses);
  return result;
}

TEST(Loss, SquaredErrorIsTheMeanOverClassesAgainstOneHotLabels) {
  const std::vector<double> outputs = normals(kRows * kClasses, "outputs");
  const Judged result = judge(Loss::mse, outputs, 0.5);
  for (std::size_t b = 0; b < kRows; ++b) {
    double sum = 0;
    for (std::size_t c = 0; c < kClasses; ++c) {
      const double error = outputs[b * kClasses + c] - (kLabels[b] == c);
      sum += error * error;
      EXPECT_DOUBLE_EQ(result.delta[b * kClasses + c], 0.5 * 2 * error / kClasses);
    }
    EXPECT_DOUBLE_EQ(result.losses[b], sum / kClasses);
  }
}

TEST(Loss, GradientsOfAllAgreeWithCentralDifferences) {
  constexpr double h = 1e-5;
  for (const auto& [name, loss] : kLosses) {
    std::vector<double> outputs = normals(kRows * kClasses, "outputs");
    const Judged result = judge(loss, outputs, 3);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const double middle = outputs[i];
      outputs[i] = middle + h;
      const double up = judge(loss, outputs, 3).losses[i / kClasses];
      outputs[i] = middle - h;
      const double down = judge(loss, outputs, 3).losses[i / kClasses];
      outputs[i] = middle;
      EXPECT_NEAR(result.delta[i], 3 * (up - down) / (2 * h), 1e-9) << name;
    }
  }
}

TEST(Loss, NllIsThatOfTheSoftmaxKernel) {
  const std::vector<double> outputs = normals(kRows * kClasses, "outputs");
  Judged expected;
  softmax_nll(MatrixView<const double>(outputs.data(), kRows, kClasses), kLabels, 2,
              MatrixView<double>(expected.delta.data(), kRows, kClasses), expected.losses);
  const Judged result = judge(Loss::nll, outputs, 2);
  EXPECT_EQ(result.losses, expected.losses);
  EXPECT_EQ(result.delta, expected.delta);
}

TEST(Loss, ABlindGuessHasTheLeastLossOfConstantOutputs) {
  // Every label once: outputs that are equal everywhere, log-softmax, or 1/C.
  const std::vector<std::uint8_t> labels = {0, 1, 2};
  for (const auto& [name, loss] : kLosses) {
    const auto mean_at = [&, judged = loss](double first) {
      std::vector<double> outputs(9, 1.0 / 3), losses(3);
      for (const std::size_t row : {0, 3, 6}) outputs[row] += first;
      const MatrixView<double> view(outputs.data(), 3, 3);
      sample_losses(judged, MatrixView<const double>(view), labels, 1, view, losses);
      return (losses[0] + losses[1] + losses[2]) / 3;
    };
    EXPECT_NEAR(mean_at(0), blind_loss(loss, 3), 1e-15) << name;
    EXPECT_GT(mean_at(0.1), blind_loss(loss, 3)) << name;
    EXPECT_GT(mean_at(-0.1), blind_loss(loss, 3)) << name;
  }
}

TEST(Loss, RefusesShapesAndLabelsThatDoNotFit) {
  std::vector<double> outputs(6), losses(2);
  const MatrixView<double> view(outputs.data(), 2, 3);
  const auto error = [&](const std::vector<std::uint8_t>& labels, MatrixView<double> delta) {
    return error_of<ShapeError>([&] {
      sample_losses(Loss::mse, MatrixView<const double>(view), labels, 1, delta, losses);
    });
  };
  EXPECT_EQ(error({0, 3}, view), "[squared_errors] label: expected below 3, got 3");
  EXPECT_EQ(error({0}, view), "[squared_errors] labels and losses: expected 2 each, got 1 and 2");
  EXPECT_EQ(error({0, 1}, {outputs.data(), 3, 2}),
            "[squared_errors] delta: expected 2 x 3, got 3 x 2");
}

}  // namespace
}  // namespace ravine
