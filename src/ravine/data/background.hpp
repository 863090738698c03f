#pragma once

#include <cstdint>

#include "ravine/data/labelled_pixels.hpp"

namespace ravine {

/// The byte that images have most often, black in MNIST, and about which share of their bytes it
/// is.
struct Background {
  std::uint8_t byte = 0;
  double share = 0;
};

/// Looks at 256 images spread over the set. No images have no background.
Background background_of(const LabelledPixels& images);

}  // namespace ravine
