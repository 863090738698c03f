#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/random/random.hpp"

// What the numbers are distributed like. Seeds are fixed; bounds are four standard errors, or the
// level that one seed in a thousand would miss.

namespace ravine {
namespace {

constexpr std::size_t kCount = 1 << 20;

std::vector<double> normals(std::uint64_t seed) {
  std::vector<double> x(kCount);
  RandomStream(seed, "normals").fill_normal(x);
  return x;
}

template <class Function>
double mean_of(std::span<const double> x, Function function) {
  double sum = 0;
  for (const double value : x) sum += function(value);
  return sum / static_cast<double>(x.size());
}

double four_standard_errors(double variance) { return 4 * std::sqrt(variance / kCount); }

TEST(Normals, HaveTheMomentsOfTheNormalDistribution) {
  for (const std::uint64_t seed : {0, 1, 1234}) {
    const std::vector<double> x = normals(seed);
    const auto moment = [&](int power) {
      return mean_of(x, [power](double value) { return std::pow(value, power); });
    };
    // E x^k = 0, 1, 0, 3 and var x^k = 1, 2, 15, 96 for k = 1 .. 4.
    EXPECT_NEAR(moment(1), 0, four_standard_errors(1));
    EXPECT_NEAR(moment(2), 1, four_standard_errors(2));
    EXPECT_NEAR(moment(3), 0, four_standard_errors(15));
    EXPECT_NEAR(moment(4), 3, four_standard_errors(96));
  }
}

TEST(Normals, HaveTheTailsOfTheNormalDistribution) {
  const std::vector<double> x = normals(1234);
  for (const double level : {1.0, 2.0, 3.0, 4.0}) {
    const double expected = std::erfc(level / std::numbers::sqrt2);
    const double share = mean_of(x, [=](double value) { return std::abs(value) > level ? 1 : 0; });
    EXPECT_NEAR(share, expected, four_standard_errors(expected * (1 - expected))) << level;
  }
}

TEST(Normals, PassKolmogorovAndSmirnov) {
  std::vector<double> x = normals(1234);
  std::ranges::sort(x);
  double distance = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    const double cumulative = std::erfc(-x[i] / std::numbers::sqrt2) / 2;
    const double below = static_cast<double>(i) / kCount;
    distance = std::max({distance, cumulative - below, below + 1.0 / kCount - cumulative});
  }
  EXPECT_LT(distance * std::sqrt(kCount), 1.95);
}

/// Correlation of x_i and x_{i + lag} over every step-th i from `first`; variances are 1.
double correlation(std::span<const double> x, std::size_t first, std::size_t lag,
                   std::size_t step) {
  double sum = 0;
  double count = 0;
  for (std::size_t i = first; i + lag < x.size(); i += step, ++count) sum += x[i] * x[i + lag];
  return sum / count;
}

TEST(Normals, OfOnePairAreIndependent) {
  const std::vector<double> x = normals(1234);
  std::vector<double> squares(kCount);
  std::ranges::transform(x, squares.begin(),
                         [](double value) { return (value * value - 1) / std::numbers::sqrt2; });
  const double bound = 4 / std::sqrt(kCount / 2);
  EXPECT_NEAR(correlation(x, 0, 1, 2), 0, bound);
  EXPECT_NEAR(correlation(squares, 0, 1, 2), 0, bound);
}

TEST(Normals, OfDifferentPairsAndStreamsAreIndependent) {
  const std::vector<double> x = normals(1234);
  const double bound = 4 / std::sqrt(kCount);
  for (const std::size_t lag : {2, 3, 4, 1023, 1024}) {
    EXPECT_NEAR(correlation(x, 0, lag, 1), 0, bound) << lag;
  }
  std::vector<double> other(kCount);
  RandomStream(1234, "other normals").fill_normal(other);
  EXPECT_NEAR(std::inner_product(x.begin(), x.end(), other.begin(), 0.0) / kCount, 0, bound);
  const std::vector<double> next_seed = normals(1235);
  EXPECT_NEAR(std::inner_product(x.begin(), x.end(), next_seed.begin(), 0.0) / kCount, 0, bound);
}

TEST(Uniforms, StayInTheirBoundsAndComeCloseToThem) {
  std::vector<float> x(kCount);
  const double bound = 1 / std::sqrt(784.0);
  RandomStream(1234, "uniforms").fill_uniform(x, -bound, bound);
  const auto [smallest, largest] = std::ranges::minmax(x);
  EXPECT_GE(smallest, static_cast<float>(-bound));
  EXPECT_LE(largest, static_cast<float>(bound));
  EXPECT_NEAR(smallest, -bound, bound * 20 / kCount);
  EXPECT_NEAR(largest, bound, bound * 20 / kCount);
}

TEST(Uniforms, FillTheirIntervalEvenly) {
  std::vector<double> x(kCount);
  RandomStream(1234, "uniforms").fill_uniform(x, 5, 7);
  std::vector<double> counts(64);
  for (const double value : x) ++counts[static_cast<std::size_t>((value - 5) * 32)];
  constexpr double kExpected = kCount / 64.0;
  EXPECT_LT(
      mean_of(counts, [](double n) { return (n - kExpected) * (n - kExpected); }) * 64 / kExpected,
      103.4);  // 63 degrees of freedom, 1 in 1,000
  EXPECT_NEAR(mean_of(x, [](double value) { return value; }), 6, four_standard_errors(4 / 12.0));
}

TEST(Uniforms, OfAnEmptyIntervalAreItsOnePoint) {
  std::vector<double> x(10);
  RandomStream(1, "point").fill_uniform(x, 0.1, 0.1);
  EXPECT_EQ(x, std::vector<double>(10, 0.1));
}

}  // namespace
}  // namespace ravine
