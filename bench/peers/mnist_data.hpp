#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ravine::bench {

/// What a training program starts from. In a header without C++20, which libtorch's own do not
/// bear with every compiler.
struct MnistData {
  struct Weight {
    std::size_t rows = 0;  // fan-out
    std::size_t cols = 0;  // fan-in
    std::vector<float> values;
  };
  std::vector<std::uint8_t> pixels;  // (60000, 784)
  std::vector<std::uint8_t> labels;  // (60000)
  double mean = 0;                   // of pixels / 255
  double standard_deviation = 0;
  std::vector<Weight> weights;  // of the reference network, first layer first
};

/// data: a known data set or a folder of IDX files; weights: .npz. Throws DataError, IoError.
MnistData load_mnist(const std::string& data, const std::filesystem::path& weights);

}  // namespace ravine::bench
