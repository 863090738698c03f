#include "ravine/data/mapped_npy.hpp"

#include <cstdint>
#include <utility>

#include "ravine/data/file_source.hpp"

namespace ravine {

namespace {

template <class T>
std::span<const T> values_at(const std::byte* bytes, std::size_t count) {
  return {reinterpret_cast<const T*>(bytes), count};
}

}  // namespace

std::optional<MappedNpy> map_npy(const std::filesystem::path& path) {
  FileSource source(path);
  const std::uint64_t size = source.most_remaining();
  NpyPreamble preamble = read_npy_preamble(source);
  require_npy_values(source, preamble);
  const std::uint64_t offset = size - source.most_remaining();
  // The map itself begins at a page.
  if (!preamble.lies_as_read() || offset % preamble.type.bytes != 0) return std::nullopt;
  std::optional<MappedNpy> array(std::in_place);
  array->view.shape = std::move(preamble.shape);
  array->file = source.map();
  const std::byte* const values = array->file.get() + offset;
  if (preamble.type.fits_float()) {
    array->view.values = values_at<float>(values, preamble.count);
  } else {
    array->view.values = values_at<double>(values, preamble.count);
  }
  return array;
}

}  // namespace ravine
