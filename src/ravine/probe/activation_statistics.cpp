#include "ravine/probe/activation_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

SaturationBounds saturation_bounds(Activation activation) {
  constexpr double kShare = kSaturatedSlope;
  constexpr double kSeluSlope = kSeluLambda * kSeluAlpha;  // the largest, at 0 from the left
  switch (activation) {
    case Activation::identity:
      return {};
    case Activation::relu:
    case Activation::leaky_relu:
      static_assert(kLeakySlope <= kShare);
      return {.low = 0};
    case Activation::elu:  // phi' = a + 1
      return {.low = kShare - 1};
    case Activation::selu:  // phi' = a + lambda alpha
      return {.low = (kShare - 1) * kSeluSlope};
    case Activation::gelu:  // phi'(z) = -0.05 * 1.128904
      return {.low = -2.2785607};
    case Activation::silu:  // phi'(z) = -0.05 * 1.099839
      return {.low = -3.9298973};
    case Activation::tanh: {  // phi' = 1 - a^2
      const double end = std::sqrt(1 - kShare);
      return {-end, end};
    }
    case Activation::sigmoid: {  // phi' = a (1 - a), at most 1/4
      const double reach = std::sqrt(1 - kShare) / 2;
      return {0.5 - reach, 0.5 + reach};
    }
    case Activation::softplus:  // phi' = 1 - e^-a
      return {.low = -std::log1p(-kShare)};
  }
  return {};
}

ActivationStatistics activation_statistics(std::span<const double> sums,
                                           std::span<const double> squares,
                                           std::span<const std::uint32_t> saturated) {
  const auto samples = static_cast<double>(sums.size());
  const auto units = static_cast<double>(saturated.size());
  const double entries = samples * units;
  const double mean = sum(sums) / entries;
  const double square = sum(squares) / entries;
  const double variance = square - mean * mean;
  const auto total = std::accumulate(saturated.begin(), saturated.end(), std::uint64_t{0});
  const auto dead = std::ranges::count(saturated, static_cast<std::uint32_t>(sums.size()));
  // Rounding may leave less than nothing of equal outputs; a NaN stays one.
  return {mean, std::sqrt(variance < 0 ? 0 : variance), static_cast<double>(total) / entries,
          static_cast<double>(dead) / units};
}

}  // namespace ravine
