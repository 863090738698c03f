#include "ravine/objective/initialization.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <Eigen/Core>
#include <gtest/gtest.h>

namespace ravine {
namespace {

constexpr std::size_t kFanIn = 300, kFanOut = 200;

std::vector<float> drawn(Initialization initialization, double gain = 1,
                         std::size_t fan_in = kFanIn, std::size_t fan_out = kFanOut) {
  std::vector<float> weights(fan_in * fan_out, NAN);
  draw_weights(initialization, gain, RandomStream(1234, "weights"), fan_in, fan_out, weights);
  return weights;
}

struct Moments {
  double mean = 0, variance = 0, kurtosis = 0, largest = 0;
};

Moments moments_of(const std::vector<float>& x) {
  Moments m;
  double fourth = 0;
  for (const double value : x) m.mean += value / static_cast<double>(x.size());
  for (const double value : x) {
    const double square = (value - m.mean) * (value - m.mean);
    m.variance += square / static_cast<double>(x.size());
    fourth += square * square / static_cast<double>(x.size());
    m.largest = std::max(m.largest, std::abs(value));
  }
  m.kurtosis = fourth / (m.variance * m.variance);
  return m;
}

/// Bounds are five standard deviations of the sample moments of n = 60,000 independent numbers.
void expect_moments(Initialization initialization, double variance, double kurtosis) {
  const std::vector<float> weights = drawn(initialization);
  const double n = static_cast<double>(weights.size());
  const Moments m = moments_of(weights);
  EXPECT_NEAR(m.mean, 0, 5 * std::sqrt(variance / n));
  EXPECT_NEAR(m.variance, variance, 5 * variance * std::sqrt((kurtosis - 1) / n));
  EXPECT_NEAR(m.kurtosis, kurtosis, 5 * std::sqrt(24 / n));
  EXPECT_NEAR(moments_of(drawn(initialization, 3)).variance / m.variance, 9, 1e-5);
}

void expect_uniform(Initialization initialization, double bound) {
  expect_moments(initialization, bound * bound / 3, 9.0 / 5);
  const double largest = moments_of(drawn(initialization)).largest;
  EXPECT_LE(largest, bound * (1 + 1e-7));
  EXPECT_GT(largest, bound * (1 - 1e-3));
}

TEST(InitialWeights, AreUniformWithinOneOverRootFanInForTorch) {
  expect_uniform(Initialization::torch, 1 / std::sqrt(300.0));
}

TEST(InitialWeights, HaveTheVarianceOneOverFanInForLeCun) {
  expect_moments(Initialization::lecun, 1 / 300.0, 3);
}

TEST(InitialWeights, HaveTheVarianceTwoOverBothFansForXavier) {
  expect_uniform(Initialization::xavier_uniform, std::sqrt(6 / 500.0));
  expect_moments(Initialization::xavier_normal, 2 / 500.0, 3);
}

TEST(InitialWeights, HaveTheVarianceTwoOverFanInForHe) {
  expect_uniform(Initialization::he_uniform, std::sqrt(6 / 300.0));
  expect_moments(Initialization::he_normal, 2 / 300.0, 3);
}

TEST(InitialWeights, HaveTheGainAsDeviationForNormal) {
  expect_moments(Initialization::normal, 1, 3);
}

TEST(InitialWeights, AreZeroForZero) {
  EXPECT_EQ(drawn(Initialization::zero, 7), std::vector<float>(kFanIn * kFanOut, 0));
}

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::MatrixXd orthogonal(std::size_t fan_in, std::size_t fan_out, double gain) {
  const std::vector<float> weights = drawn(Initialization::orthogonal, gain, fan_in, fan_out);
  return Eigen::Map<const Matrix>(weights.data(), static_cast<Eigen::Index>(fan_out),
                                  static_cast<Eigen::Index>(fan_in))
      .cast<double>();
}

TEST(InitialWeights, AreOrthonormalTimesTheGainForOrthogonal) {
  for (const auto& [fan_in, fan_out] : std::vector<std::pair<std::size_t, std::size_t>>{
           {1, 1}, {1, 9}, {9, 1}, {64, 64}, {200, 30}, {30, 200}}) {
    for (const double gain : {1.0, 0.5, 2.0}) {
      const Eigen::MatrixXd w = orthogonal(fan_in, fan_out, gain);
      const Eigen::MatrixXd gram = fan_in <= fan_out ? Eigen::MatrixXd(w.transpose() * w)
                                                     : Eigen::MatrixXd(w * w.transpose());
      const Eigen::MatrixXd error =
          gram - gain * gain * Eigen::MatrixXd::Identity(gram.rows(), gram.cols());
      EXPECT_LT(error.cwiseAbs().maxCoeff(), 3e-7 * gain * gain) << fan_in << ", " << fan_out;
    }
  }
}

TEST(InitialWeights, AreUniformAmongOrthogonalMatrices) {
  // Of a uniformly random orthogonal matrix the trace has mean 0 and variance 1. Householder's
  // factor with its signs left as they come has one of about -sqrt(n).
  constexpr std::size_t n = 20, kDraws = 400;
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < kDraws; ++i) {
    std::vector<float> weights(n * n);
    draw_weights(Initialization::orthogonal, 1, RandomStream(i, "weights"), n, n, weights);
    const double trace = Eigen::Map<const Matrix>(weights.data(), n, n).trace();
    sum += trace / kDraws;
    squares += trace * trace / kDraws;
  }
  EXPECT_NEAR(sum, 0, 5 / std::sqrt(kDraws));
  EXPECT_NEAR(squares, 1, 5 * std::sqrt(2.0 / kDraws));
}

TEST(Initializations, HaveOneNameEachAndTwoShortOnes) {
  EXPECT_EQ(choice_in(kInitializations, "xavier"), Initialization::xavier_uniform);
  EXPECT_EQ(choice_in(kInitializations, "he"), Initialization::he_normal);
  EXPECT_EQ(name_of(Initialization::xavier_uniform), "xavier-uniform");
  EXPECT_EQ(name_of(Initialization::he_normal), "he-normal");
  EXPECT_EQ(choice_in(kInitializations, "kaiming"), std::nullopt);
}

}  // namespace
}  // namespace ravine
