#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/data/byte_source.hpp"

namespace ravine {

/// Grey images from an IDX file (`idx3-ubyte`, the format of MNIST).
struct IdxImages {
  std::size_t count = 0;
  std::size_t rows = 0;                ///< of one image
  std::size_t cols = 0;                ///< of one image
  AlignedBuffer<std::uint8_t> pixels;  ///< (count, rows, cols) row-major, 0 black to 255 white

  std::size_t pixels_per_image() const { return rows * cols; }
};

/// Reads the content of an `idx3-ubyte` file to its end. Throws DataError for a wrong magic number,
/// dimensions whose product overflows, truncated or trailing bytes. No memory is allocated that
/// the source cannot fill.
IdxImages read_idx_images(ByteSource& source);

/// Reads the content of an `idx1-ubyte` file, one label a byte; errors as above.
std::vector<std::uint8_t> read_idx_labels(ByteSource& source);

/// The same from a file, plain or gzip. Throws IoError when it cannot be read.
IdxImages read_idx_images(const std::filesystem::path& path);
std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& path);

}  // namespace ravine
