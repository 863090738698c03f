#pragma once

#include <cstdint>
#include <span>

namespace ravine {

/// Images as bytes with their labels, owned by somebody else. The number a network sees for a byte
/// b is scale * b + shift.
struct LabelledPixels {
  std::span<const std::uint8_t> pixels;  ///< count x inputs, row-major
  std::span<const std::uint8_t> labels;  ///< count
  std::size_t inputs = 0;                ///< bytes of one image
  double scale = 1.0 / 255;
  double shift = 0;

  std::size_t count() const { return labels.size(); }
  std::span<const std::uint8_t> image(std::size_t index) const {
    return pixels.subspan(index * inputs, inputs);
  }
  LabelledPixels first(std::size_t limit) const {
    return {pixels.first(limit * inputs), labels.first(limit), inputs, scale, shift};
  }
};

}  // namespace ravine
