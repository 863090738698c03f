#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ravine {

/// The numbers of an array as they lie in a `.npy` file: float32, float64, whole numbers of 1, 2, 4
/// or 8 bytes with or without sign, or bool, in either byte order.
struct NpyType {
  char kind = 'f';  ///< numpy's letter: f, i, u or b
  std::size_t bytes = 8;
  bool big_endian = false;

  /// Whether float32 holds each of its values.
  bool fits_float() const { return kind == 'f' ? bytes == 4 : bytes <= 2; }
  /// Whether the bytes are those of a float or a double of this machine.
  bool is_native_float() const { return kind == 'f' && !big_endian; }
  /// In words, e.g. `float32` or `big-endian int16`.
  std::string name() const;
};

/// The type of a header's descr, e.g. `<f8`; none for one that is not read.
std::optional<NpyType> parse_npy_type(std::string_view descr);

}  // namespace ravine
