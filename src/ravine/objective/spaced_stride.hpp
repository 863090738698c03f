#pragma once

#include <cstddef>

namespace ravine {

/// Numbers from one vector of `size` doubles to the next: an odd number of cache lines, so that
/// every vector begins with one and no two fall into the same sets of a cache.
constexpr std::size_t spaced_stride(std::size_t size) {
  constexpr std::size_t kLine = 64 / sizeof(double);
  return (size + 2 * kLine - 1) / (2 * kLine) * (2 * kLine) + kLine;
}

}  // namespace ravine
