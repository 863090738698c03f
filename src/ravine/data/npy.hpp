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
#include "ravine/data/npy_type.hpp"

namespace ravine {

/// An array as numpy saves it, of float32 or float64 once it is read.
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
  NpyType type;
  bool fortran_order = false;  ///< the first index changes fastest

  /// Whether the values lie in the file as an NpyArray has them.
  bool lies_as_read() const { return type.is_native_float() && !fortran_order; }
};

/// Reads up to the first value. Versions 1 to 3 of the format. Throws DataError for types that
/// NpyType does not name and for a damaged header.
NpyPreamble read_npy_preamble(ByteSource& source);

/// Throws DataError unless the source holds the values, as far as it can tell, and nothing else.
void require_npy_values(const ByteSource& source, const NpyPreamble& preamble);

/// Reads an array to the source's end. Values that lie_as_read() go straight into their buffer,
/// others are converted, to float32 where that holds each value of their type and else to float64,
/// and brought into C order; memory is only allocated when the source can fill it. Versions 1 to 3
/// of the format. Throws DataError for anything else: other types, a damaged header, whole numbers
/// beyond 2^53, truncated or trailing bytes.
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
