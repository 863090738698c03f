#include "ravine/probe/activation_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace ravine {
namespace {

/// |phi'| at every z of a fine grid, and what the bounds are compared with there.
struct Slopes {
  std::vector<double> z, at, slope;
};

Slopes slopes_of(Activation activation) {
  Slopes result;
  for (int i = -40'000; i <= 40'000; ++i) result.z.push_back(i / 2000.0);
  result.at = result.z;
  if (!needs_pre_activation(activation)) activate(activation, std::span(result.at));
  result.slope.assign(result.z.size(), 1);
  multiply_by_derivative(activation, result.at, std::span(result.slope));
  for (double& slope : result.slope) slope = std::abs(slope);
  return result;
}

TEST(SaturationBounds, AreWhereTheTailsOfSmallSlopeBegin) {
  for (const auto& [name, activation] : kActivations) {
    SCOPED_TRACE(name);
    const Slopes slopes = slopes_of(activation);
    const std::size_t count = slopes.slope.size();
    const double limit = kSaturatedSlope * std::ranges::max(slopes.slope);
    std::vector<bool> tail(count);
    for (std::size_t i = 0; i < count && slopes.slope[i] <= limit; ++i) tail[i] = true;
    for (std::size_t i = count; i-- > 0 && slopes.slope[i] <= limit;) tail[i] = true;
    const SaturationBounds bounds = saturation_bounds(activation);
    std::size_t differences = 0;
    for (std::size_t i = 0; i < count; ++i) {
      differences += tail[i] != (slopes.at[i] <= bounds.low || slopes.at[i] > bounds.high);
    }
    EXPECT_LE(differences, 2U) << "a grid point at the very bound may fall on either side";
  }
}

TEST(SaturationBounds, OfTheKnownOnes) {
  EXPECT_EQ(saturation_bounds(Activation::relu).low, 0);
  EXPECT_TRUE(std::isinf(saturation_bounds(Activation::relu).high));
  EXPECT_TRUE(std::isinf(saturation_bounds(Activation::identity).low));
  EXPECT_NEAR(saturation_bounds(Activation::tanh).high, 0.974679, 1e-6);
  EXPECT_NEAR(saturation_bounds(Activation::sigmoid).low, 0.012660, 1e-6);
}

TEST(ActivationStatistics, ComeFromSumsAndCounts) {
  // Outputs of two samples and three units: (1, 2, 0) and (5, 0, 0), ReLUs.
  const ActivationStatistics found = activation_statistics(
      std::vector<double>{3, 5}, std::vector<double>{5, 25}, std::vector<std::uint32_t>{0, 1, 2});
  EXPECT_NEAR(found.mean, 8.0 / 6, 1e-15);
  EXPECT_NEAR(found.deviation, std::sqrt(5 - 64.0 / 36), 1e-15);
  EXPECT_NEAR(found.saturated_share, 0.5, 1e-15);
  EXPECT_NEAR(found.dead_share, 1.0 / 3, 1e-15);
}

TEST(ActivationStatistics, EqualOutputsDoNotScatterAndNaNShows) {
  const std::vector<double> sums = {0.3, 0.3, 0.3}, squares = {0.03, 0.03, 0.03};
  const std::vector<std::uint32_t> none(3);
  EXPECT_NEAR(activation_statistics(sums, squares, none).deviation, 0, 1e-8);
  EXPECT_TRUE(std::isnan(
      activation_statistics(std::vector<double>{NAN}, std::vector<double>{NAN}, none).deviation));
}

}  // namespace
}  // namespace ravine
