#include "ravine/data/npy_values.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/data/bounded_read.hpp"

namespace ravine {

namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 16;  // a multiple of every type's size
constexpr std::int64_t kMostExact = std::int64_t{1} << 53;

template <class Stored>
Stored load(const std::byte* bytes, bool swapped) {
  std::array<std::byte, sizeof(Stored)> own;
  std::copy_n(bytes, sizeof(Stored), own.begin());
  if (swapped) std::ranges::reverse(own);
  Stored value;
  std::memcpy(&value, own.data(), sizeof(Stored));
  return value;
}

template <class Stored>
bool is_exact(Stored value) {
  if constexpr (std::is_same_v<Stored, std::int64_t>) {
    return value >= -kMostExact && value <= kMostExact;
  } else if constexpr (std::is_same_v<Stored, std::uint64_t>) {
    return value <= static_cast<std::uint64_t>(kMostExact);
  }
  return true;
}

/// Reads numbers stored as Stored.
template <class Stored, class T>
void convert(ByteSource& source, const NpyType& type, std::span<T> out) {
  std::vector<std::byte> chunk(kChunkBytes);
  for (std::size_t done = 0; done < out.size();) {
    const std::size_t count = std::min(kChunkBytes / sizeof(Stored), out.size() - done);
    read_exactly(source, std::span(chunk).first(count * sizeof(Stored)), "npy",
                 type.name() + " values");
    for (std::size_t i = 0; i < count; ++i, ++done) {
      const auto value = load<Stored>(chunk.data() + i * sizeof(Stored), type.big_endian);
      if (!is_exact(value)) {
        throw DataError(error_text("npy", source.where(), "whole numbers of at most 2^53",
                                   fmt::format("{} at flat index {}", value, done),
                                   "save the array as float64"));
      }
      out[done] = static_cast<T>(value);
    }
  }
}

template <class T>
void convert_as(ByteSource& source, const NpyType& type, std::span<T> out) {
  const bool is_signed = type.kind == 'i';
  if (type.kind == 'f') {
    return type.bytes == 4 ? convert<float>(source, type, out) : convert<double>(source, type, out);
  }
  switch (type.bytes) {
    case 1:
      return is_signed ? convert<std::int8_t>(source, type, out)
                       : convert<std::uint8_t>(source, type, out);
    case 2:
      return is_signed ? convert<std::int16_t>(source, type, out)
                       : convert<std::uint16_t>(source, type, out);
    case 4:
      return is_signed ? convert<std::int32_t>(source, type, out)
                       : convert<std::uint32_t>(source, type, out);
    default:
      return is_signed ? convert<std::int64_t>(source, type, out)
                       : convert<std::uint64_t>(source, type, out);
  }
}

}  // namespace

template <class T>
AlignedBuffer<T> read_npy_values(ByteSource& source, const NpyType& type, std::size_t count) {
  const std::string what = type.name() + " values";
  if (type.is_native_float() && type.bytes == sizeof(T)) {
    return read_elements<AlignedBuffer<T>>(source, count, "npy", what);
  }
  const std::size_t factors[] = {count, type.bytes};
  require_remaining(source, checked_product(factors).value_or(SIZE_MAX), "npy", what);
  AlignedBuffer<T> values(count);
  convert_as<T>(source, type, values);
  return values;
}

template <class T>
AlignedBuffer<T> from_fortran_order(const AlignedBuffer<T>& values,
                                    std::span<const std::size_t> shape) {
  std::vector<std::size_t> strides(shape.size(), 1), index(shape.size());
  for (std::size_t k = shape.size(); k-- > 1;) strides[k - 1] = strides[k] * shape[k];
  AlignedBuffer<T> out(values.size());
  std::size_t place = 0;
  for (const T& value : values) {
    out[place] = value;
    for (std::size_t k = 0; k < shape.size(); ++k) {
      place += strides[k];
      if (++index[k] < shape[k]) break;
      place -= strides[k] * shape[k];
      index[k] = 0;
    }
  }
  return out;
}

template AlignedBuffer<float> read_npy_values(ByteSource&, const NpyType&, std::size_t);
template AlignedBuffer<double> read_npy_values(ByteSource&, const NpyType&, std::size_t);
template AlignedBuffer<float> from_fortran_order(const AlignedBuffer<float>&,
                                                 std::span<const std::size_t>);
template AlignedBuffer<double> from_fortran_order(const AlignedBuffer<double>&,
                                                  std::span<const std::size_t>);

}  // namespace ravine
