#include "ravine/data/npy.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/base/error.hpp"
#include "ravine/data/bounded_read.hpp"
#include "ravine/data/file_source.hpp"
#include "ravine/data/npy_header.hpp"
#include "ravine/data/npy_values.hpp"
#include "ravine/data/part_file.hpp"

namespace ravine {

namespace {

static_assert(std::endian::native == std::endian::little,
              "values are read as they lie in the file");

constexpr std::string_view kMagic("\x93NUMPY");
constexpr std::size_t kMostHeaderBytes = std::size_t{1} << 16;
constexpr std::size_t kAlignment = 64;  // of the values within the file, as numpy has it

template <class T>
constexpr std::string_view kTypeName = std::is_same_v<T, float> ? "<f4" : "<f8";

std::size_t read_header_size(ByteSource& source) {
  std::array<std::byte, 8> start{};
  read_exactly(source, start, "npy", "npy preamble");
  const std::string_view magic(reinterpret_cast<const char*>(start.data()), kMagic.size());
  if (magic != kMagic) {
    throw DataError(
        error_text("npy", source.where(), "an array saved by numpy.save", "no npy magic number"));
  }
  const int version = std::to_integer<int>(start[6]);
  if (version < 1 || version > 3) {
    throw DataError(
        error_text("npy", source.where(), "npy version 1 to 3", fmt::format("{}", version)));
  }
  std::array<std::byte, 4> length{};  // little-endian; version 1 has but two bytes
  read_exactly(source, std::span(length).first(version == 1 ? 2 : 4), "npy", "npy preamble");
  return std::bit_cast<std::uint32_t>(length);
}

NpyHeader read_header(ByteSource& source) {
  const std::size_t size = read_header_size(source);
  if (size > kMostHeaderBytes) {
    throw DataError(error_text("npy", source.where(),
                               fmt::format("a header of at most {} bytes", kMostHeaderBytes),
                               fmt::format("{}", size)));
  }
  const auto text = read_elements<std::vector<char>>(source, size, "npy", "header");
  return parse_npy_header({text.data(), text.size()}, source.where());
}

std::size_t element_count(const NpyHeader& header, std::string_view where) {
  const std::optional<std::size_t> count = checked_product(header.shape);
  if (count) return *count;
  throw DataError(error_text("npy", where, "a shape of a possible size",
                             fmt::format("({})", fmt::join(header.shape, ", "))));
}

template <class T>
AlignedBuffer<T> values_in_c_order(ByteSource& source, const NpyPreamble& preamble) {
  AlignedBuffer<T> values = read_npy_values<T>(source, preamble.type, preamble.count);
  return preamble.fortran_order ? from_fortran_order(values, preamble.shape) : std::move(values);
}

}  // namespace

NpyPreamble read_npy_preamble(ByteSource& source) {
  NpyHeader header = read_header(source);
  const std::optional<NpyType> type = parse_npy_type(header.type);
  if (!type) {
    throw DataError(error_text("npy", source.where(),
                               "float32, float64, bool or whole numbers of up to 8 bytes",
                               header.type, "numpy.save(path, a.astype(numpy.float32))"));
  }
  const std::size_t count = element_count(header, source.where());
  return {std::move(header.shape), count, *type, header.fortran_order};
}

void require_npy_values(const ByteSource& source, const NpyPreamble& preamble) {
  const std::size_t factors[] = {preamble.count, preamble.type.bytes};
  const std::size_t bytes = checked_product(factors).value_or(SIZE_MAX);
  require_remaining(source, bytes, "npy", preamble.type.name() + " values");
  if (bytes < source.most_remaining()) {
    throw DataError(error_text("npy", source.where(), "nothing after the announced content",
                               fmt::format("{} more bytes", source.most_remaining() - bytes)));
  }
}

NpyArray read_npy(ByteSource& source) {
  NpyPreamble preamble = read_npy_preamble(source);
  NpyArray array;
  if (preamble.type.fits_float()) {
    array.values = values_in_c_order<float>(source, preamble);
  } else {
    array.values = values_in_c_order<double>(source, preamble);
  }
  array.shape = std::move(preamble.shape);
  require_end(source, "npy");
  return array;
}

void check_names(std::string_view component, std::span<const NamedArray> arrays) {
  if (arrays.empty()) throw ConfigError(error_text(component, "arrays", "at least one", "none"));
  std::set<std::string_view> names;
  for (const NamedArray& array : arrays) {
    if (array.name.empty() || !names.insert(array.name).second) {
      throw ConfigError(error_text(component, "array names", "different and not empty",
                                   fmt::format("\"{}\"", array.name)));
    }
  }
}

NpyArray read_npy(const std::filesystem::path& path) {
  FileSource source(path);
  return read_npy(source);
}

template <class T>
AlignedBuffer<T> take_values_as(NpyArray&& array) {
  if (auto* same = std::get_if<AlignedBuffer<T>>(&array.values)) return std::move(*same);
  const auto convert = [](const auto& values) {
    return AlignedBuffer<T>(values.begin(), values.end());
  };
  return std::visit(convert, array.values);
}

template AlignedBuffer<float> take_values_as<float>(NpyArray&& array);
template AlignedBuffer<double> take_values_as<double>(NpyArray&& array);

std::string npy_preamble(const NpyView& array) {
  const bool is_float = std::holds_alternative<std::span<const float>>(array.values);
  const NpyHeader header{std::string(is_float ? kTypeName<float> : kTypeName<double>), false,
                         array.shape};
  std::string text = npy_header_text(header);
  constexpr std::size_t kBeforeText = 10;
  const std::size_t unpadded = kBeforeText + text.size() + 1;
  text.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
  text += '\n';
  std::string preamble(kMagic);
  preamble += {'\x01', '\x00'};
  preamble += {static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return preamble + text;
}

std::span<const std::byte> npy_value_bytes(const NpyView& array) {
  const std::optional<std::size_t> expected = checked_product(array.shape);
  return std::visit(
      [&](const auto& values) {
        if (values.size() != expected) {
          throw ShapeError(error_text("npy", "array",
                                      fmt::format("({})", fmt::join(array.shape, ", ")),
                                      fmt::format("{} values", values.size())));
        }
        return std::as_bytes(values);
      },
      array.values);
}

void write_npy(const std::filesystem::path& path, const NpyView& array) {
  const std::span<const std::byte> values = npy_value_bytes(array);
  const std::string preamble = npy_preamble(array);
  PartFile file(path);
  file.write(std::as_bytes(std::span(preamble)));
  file.write(values);
  file.commit();
}

}  // namespace ravine
