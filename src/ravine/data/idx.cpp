#include "ravine/data/idx.hpp"

#include <array>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/data/bounded_read.hpp"
#include "ravine/data/file_source.hpp"

namespace ravine {

namespace {

// Two zero bytes, the element type (8: unsigned byte), the number of dimensions.
constexpr std::uint32_t kImagesMagic = 0x00000803;
constexpr std::uint32_t kLabelsMagic = 0x00000801;

std::uint32_t read_big_endian(ByteSource& source) {
  std::array<std::byte, 4> bytes{};
  read_exactly(source, bytes, "idx", "IDX header");
  std::uint32_t value = 0;
  for (const std::byte byte : bytes) value = value << 8 | std::to_integer<std::uint32_t>(byte);
  return value;
}

std::string describe_magic(std::uint32_t magic) {
  const std::string number = fmt::format("0x{:08x}", magic);
  if (magic == kImagesMagic) return number + " (IDX images)";
  if (magic == kLabelsMagic) return number + " (IDX labels)";
  return number;
}

void require_magic(ByteSource& source, std::uint32_t expected) {
  const std::uint32_t magic = read_big_endian(source);
  if (magic == expected) return;
  throw DataError(error_text("idx", source.where(),
                             fmt::format("magic number {}", describe_magic(expected)),
                             describe_magic(magic)));
}

}  // namespace

IdxImages read_idx_images(ByteSource& source) {
  require_magic(source, kImagesMagic);
  IdxImages images;
  for (std::size_t* dimension : {&images.count, &images.rows, &images.cols}) {
    *dimension = read_big_endian(source);
  }
  const std::size_t dimensions[] = {images.count, images.rows, images.cols};
  const std::optional<std::size_t> size = checked_product(dimensions);
  if (!size) {
    throw DataError(
        error_text("idx", source.where(), "dimensions of a possible size",
                   fmt::format("{} x {} x {}", images.count, images.rows, images.cols)));
  }
  images.pixels = read_elements<AlignedBuffer<std::uint8_t>>(source, *size, "idx", "pixels");
  require_end(source, "idx");
  return images;
}

std::vector<std::uint8_t> read_idx_labels(ByteSource& source) {
  require_magic(source, kLabelsMagic);
  const std::size_t count = read_big_endian(source);
  auto labels = read_elements<std::vector<std::uint8_t>>(source, count, "idx", "labels");
  require_end(source, "idx");
  return labels;
}

IdxImages read_idx_images(const std::filesystem::path& path) {
  return read_idx_images(*open_plain_or_gzip(path));
}

std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& path) {
  return read_idx_labels(*open_plain_or_gzip(path));
}

}  // namespace ravine
