#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "ravine/data/labelled_pixels.hpp"
#include "ravine/random/random.hpp"

namespace ravine::testing {

/// A small labelled set of random images, the same for the same arguments.
class SyntheticImages {
 public:
  SyntheticImages(std::size_t count, std::size_t inputs, std::size_t classes,
                  std::uint64_t seed = 1)
      : inputs_(inputs) {
    std::vector<double> numbers(count * (inputs + 1));
    RandomStream(seed, "synthetic images").fill_uniform(numbers, 0, 1);
    for (std::size_t i = 0; i < count * inputs; ++i) {
      pixels.push_back(static_cast<std::uint8_t>(numbers[i] * 255.99));
    }
    for (std::size_t i = count * inputs; i < numbers.size(); ++i) {
      labels.push_back(static_cast<std::uint8_t>(numbers[i] * static_cast<double>(classes)) %
                       static_cast<std::uint8_t>(classes));
    }
  }

  /// Paints two of three short runs of pixels over, elsewhere in every image.
  SyntheticImages with_background(std::uint8_t byte) && {
    constexpr std::size_t kRun = 7;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      if (i / kRun % 3 != 0) pixels[i] = byte;
    }
    return std::move(*this);
  }

  /// Pixels become numbers between -0.5 and 1.5. Valid as long as this object.
  LabelledPixels view() const { return {pixels, labels, inputs_, 2.0 / 255, -0.5}; }

  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;

 private:
  std::size_t inputs_;
};

}  // namespace ravine::testing
