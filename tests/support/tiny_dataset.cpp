#include "support/tiny_dataset.hpp"

#include <stdexcept>
#include <zlib.h>

#include "ravine/base/file.hpp"
#include "ravine/data/dataset_files.hpp"
#include "ravine/data/sha256.hpp"

namespace ravine::testing {

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string idx_images(std::uint32_t count, std::uint32_t rows, std::uint32_t cols,
                       std::string_view pixels) {
  return big_endian(0x803) + big_endian(count) + big_endian(rows) + big_endian(cols) +
         std::string(pixels);
}

std::string idx_labels(std::uint32_t count, std::string_view labels) {
  return big_endian(0x801) + big_endian(count) + std::string(labels);
}

std::string gzipped(std::string_view content) {
  z_stream stream{};
  constexpr int kGzipWindowBits = 15 + 16;
  if (deflateInit2(&stream, 9, Z_DEFLATED, kGzipWindowBits, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2 failed");
  }
  std::string compressed(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  const int status = deflate(&stream, Z_FINISH);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("deflate failed");
  return compressed;
}

std::array<std::string, 4> tiny_dataset_files() {
  return {idx_images(3, 2, 2, std::string("\x00\x00\xff\x80\x10\x20\x30\x40\x01\x02\x03\x04", 12)),
          idx_labels(3, std::string("\x00\x09\x05", 3)),
          idx_images(2, 2, 2, std::string("\x05\x06\x07\x08\xff\xfe\xfd\xfc", 8)),
          idx_labels(2, std::string("\x01\x02", 2))};
}

void write_tiny_dataset(const std::filesystem::path& folder, bool gzip) {
  const auto files = tiny_dataset_files();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string name = std::string(kDatasetFiles[i]) + (gzip ? ".gz" : "");
    write_file_atomically(folder / name, gzip ? gzipped(files[i]) : files[i]);
  }
}

DatasetDescription tiny_dataset() {
  DatasetDescription description{"tiny", "A tiny data set for tests", {}, {}, {}};
  const auto files = tiny_dataset_files();
  for (std::size_t i = 0; i < files.size(); ++i) {
    description.files[i] = {std::string(kDatasetFiles[i]), files[i].size(), sha256_hex(files[i])};
  }
  return description;
}

}  // namespace ravine::testing
