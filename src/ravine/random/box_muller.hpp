#pragma once

#include <cstdint>
#include <span>

namespace ravine {

/// Turns pairs of uniform 32-bit words into pairs of independent N(0, 1) numbers: with
/// u = (w_even + 1/2) / 2^32 and v = w_odd / 2^32 they are sqrt(-2 log u) times cos(2 pi v) and
/// sin(2 pi v) (Box, Muller 1958). Evaluated in double. The spans have equal, even sizes.
void box_muller(std::span<const std::uint32_t> words, std::span<double> normals);
void box_muller(std::span<const std::uint32_t> words, std::span<float> normals);

}  // namespace ravine
