#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/data/byte_source.hpp"

namespace ravine {

/// An array as numpy saves it, of float32 or float64.
struct NpyArray {
  std::vector<std::size_t> shape;  ///< empty for a single number
  std::variant<AlignedBuffer<float>, AlignedBuffer<double>>
      values;  ///< C order (last index fastest)
};

/// An array somebody else owns, for writing; values in C order, as many as the shape says.
struct NpyView {
  std::vector<std::size_t> shape;
  std::variant<std::span<const float>, std::span<const double>> values;
};

/// One array among others on its way into a file.
struct NamedArray {
  std::string name;  ///< not empty
  NpyView array;
};

/// Throws ConfigError, `[component] ...`, for no array or a name that is empty or given twice.
void check_names(std::string_view component, std::span<const NamedArray> arrays);

/// What stands before the values of an array.
struct NpyPreamble {
  std::vector<std::size_t> shape;
  std::size_t count = 0;  ///< of values
  bool is_float = false;  ///< float32, else float64
};

/// Reads up to the first value. Versions 1 to 3 of the format. Throws DataError for Fortran order,
/// other types, a damaged header.
NpyPreamble read_npy_preamble(ByteSource& source);

/// Throws DataError unless the source holds the values, as far as it can tell, and nothing else.
void require_npy_values(const ByteSource& source, const NpyPreamble& preamble);

/// Reads an array to the source's end; the values go straight into their buffer, which is only
/// allocated when the source can fill it. Versions 1 to 3 of the format. Throws DataError for
/// anything else: Fortran order, other types, a damaged header, truncated or trailing bytes.
NpyArray read_npy(ByteSource& source);

/// The same from a file. Throws IoError when it cannot be read.
NpyArray read_npy(const std::filesystem::path& path);

/// The values as T (float or double): moved out when they are of that type, else converted.
template <class T>
AlignedBuffer<T> take_values_as(NpyArray&& array);
extern template AlignedBuffer<float> take_values_as<float>(NpyArray&& array);
extern template AlignedBuffer<double> take_values_as<double>(NpyArray&& array);

/// All that precedes the values in a file: magic number, version 1.0, header, padded to a multiple
/// of 64 bytes.
std::string npy_preamble(const NpyView& array);

/// The values as they lie in a file. Throws ShapeError when they are not as many as the shape says.
std::span<const std::byte> npy_value_bytes(const NpyView& array);

/// Writes an array to a file, whole or not at all. Throws ShapeError as above, IoError.
void write_npy(const std::filesystem::path& path, const NpyView& array);

}  // namespace ravine
