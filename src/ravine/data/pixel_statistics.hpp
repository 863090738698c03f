#pragma once

#include <cstdint>
#include <span>

namespace ravine {

/// Mean and standard deviation (n - 1 in the denominator) of pixels scaled to 0..1.
struct PixelStatistics {
  double mean = 0.0;
  double standard_deviation = 0.0;
};

/// Exact but for the rounding of a few double operations, since it works on counts of the 256
/// values. Both are 0 for fewer than two pixels.
PixelStatistics pixel_statistics(std::span<const std::uint8_t> pixels);

}  // namespace ravine
