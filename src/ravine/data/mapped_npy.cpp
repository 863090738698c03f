#include "ravine/data/mapped_npy.hpp"

#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/data/file_source.hpp"

namespace ravine {

namespace {

template <class T>
std::span<const T> values_at(const std::byte* bytes, std::size_t count, const std::string& where) {
  if (reinterpret_cast<std::uintptr_t>(bytes) % alignof(T) != 0) {
    throw DataError(error_text("npy", where, fmt::format("values at a multiple of {}", sizeof(T)),
                               "others", "save the array again with numpy.save"));
  }
  return {reinterpret_cast<const T*>(bytes), count};
}

}  // namespace

MappedNpy map_npy(const std::filesystem::path& path) {
  FileSource source(path);
  const std::uint64_t size = source.most_remaining();
  NpyPreamble preamble = read_npy_preamble(source);
  require_npy_values(source, preamble);
  MappedNpy array{{std::move(preamble.shape), {}}, source.map()};
  const std::byte* const values = array.file.get() + (size - source.most_remaining());
  if (preamble.is_float) {
    array.view.values = values_at<float>(values, preamble.count, source.where());
  } else {
    array.view.values = values_at<double>(values, preamble.count, source.where());
  }
  return array;
}

}  // namespace ravine
