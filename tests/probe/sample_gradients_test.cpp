#include "ravine/probe/sample_gradients.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/random/random.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::normals;

double quantile(std::vector<double> sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (place - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

TEST(SampleGradients, QuantilesInterpolateBetweenOrderStatistics) {
  for (const std::size_t count : {1, 2, 3, 7, 10, 11, 12, 100, 128}) {
    std::vector<double> norms = normals(count, "norms");
    for (double& norm : norms) norm = std::abs(norm);
    std::vector<double> squares;
    for (const double norm : norms) squares.push_back(norm * norm);
    const SampleGradients found = sample_gradients(squares, 0);
    std::ranges::sort(norms);
    for (std::size_t q = 0; q < kSampleQuantiles.size(); ++q) {
      EXPECT_NEAR(found.norms[q], quantile(norms, kSampleQuantiles[q]), 1e-14)
          << count << ", " << kSampleQuantiles[q];
    }
  }
}

TEST(SampleGradients, VarianceAndSquaredGradientAreUnbiased) {
  // Gradients N(mean, I) in 4 dimensions, batches of 8: tr Sigma = 4, |mean|^2 = 1.
  constexpr std::size_t kSize = 4, kBatch = 8, kBatches = 20'000;
  std::vector<double> g(kSize * kBatch);
  const RandomStream stream(3, "gradients");
  double variance = 0, true_square = 0;
  for (std::size_t i = 0; i < kBatches; ++i) {
    stream.fill_normal(std::span(g), i * g.size());
    std::vector<double> squares(kBatch), mean(kSize);
    for (std::size_t b = 0; b < kBatch; ++b) {
      for (std::size_t j = 0; j < kSize; ++j) {
        const double entry = g[b * kSize + j] + 0.5;
        squares[b] += entry * entry;
        mean[j] += entry / kBatch;
      }
    }
    double batch_square = 0;
    for (const double entry : mean) batch_square += entry * entry;
    const SampleGradients found = sample_gradients(squares, batch_square);
    variance += found.variance / kBatches;
    true_square += found.true_square / kBatches;
  }
  // Four standard errors of the means.
  EXPECT_NEAR(variance, 4, 0.04);
  EXPECT_NEAR(true_square, 1, 0.03);
}

TEST(SampleGradients, EqualGradientsHaveNoNoise) {
  std::vector<double> squares(9, 0.49);
  const SampleGradients found = sample_gradients(squares, 0.49);
  EXPECT_NEAR(found.variance, 0, 1e-15);
  EXPECT_NEAR(noise_scale(found.variance, found.true_square), 0, 1e-15);
}

TEST(SampleGradients, OneSampleHasNoVarianceAndNonFiniteNormsHaveNothing) {
  std::vector<double> one = {4};
  EXPECT_EQ(sample_gradients(one, 4).norms, (std::array<double, 5>{2, 2, 2, 2, 2}));
  EXPECT_TRUE(std::isnan(sample_gradients(one, 4).variance));
  for (const double bad : {double{NAN}, double{HUGE_VAL}}) {
    std::vector<double> squares = {1, bad, 2};
    EXPECT_TRUE(std::isnan(sample_gradients(squares, 1).norms[0]));
  }
  EXPECT_TRUE(std::isnan(noise_scale(1, -0.5)));
  EXPECT_TRUE(std::isnan(noise_scale(1, NAN)));
}

}  // namespace
}  // namespace ravine
