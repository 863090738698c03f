#include "ravine/data/pixel_statistics.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace ravine {

namespace {

using Histogram = std::array<std::uint64_t, 256>;

Histogram count_values(std::span<const std::uint8_t> pixels) {
  // Neighbouring pixels are mostly equal; counting them in the same table would make each
  // increment wait for the one before.
  std::array<Histogram, 4> tables{};
  std::size_t i = 0;
  for (; i + 4 <= pixels.size(); i += 4) {
    for (std::size_t lane = 0; lane < 4; ++lane) ++tables[lane][pixels[i + lane]];
  }
  for (; i < pixels.size(); ++i) ++tables[0][pixels[i]];
  for (std::size_t lane = 1; lane < 4; ++lane) {
    for (std::size_t value = 0; value < 256; ++value) tables[0][value] += tables[lane][value];
  }
  return tables[0];
}

}  // namespace

PixelStatistics pixel_statistics(std::span<const std::uint8_t> pixels) {
  if (pixels.size() < 2) return {};
  const Histogram counts = count_values(pixels);
  std::uint64_t sum = 0;
  for (std::size_t value = 0; value < 256; ++value) sum += counts[value] * value;
  const double n = static_cast<double>(pixels.size());
  const double mean = static_cast<double>(sum) / n;
  double squares = 0.0;
  for (std::size_t value = 0; value < 256; ++value) {
    const double deviation = static_cast<double>(value) - mean;
    squares += static_cast<double>(counts[value]) * deviation * deviation;
  }
  return {mean / 255.0, std::sqrt(squares / (n - 1.0)) / 255.0};
}

}  // namespace ravine
