#include "ravine/data/dataset_verify.hpp"

#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/data/dataset_files.hpp"
#include "ravine/data/file_source.hpp"
#include "ravine/data/sha256.hpp"

namespace ravine {

void verify_content(const DatasetFile& file, ByteSource& source,
                    const std::function<void(std::span<const std::byte>)>& sink) {
  std::vector<std::byte> buffer(std::size_t{1} << 17);
  Sha256 sum;
  std::uint64_t size = 0;
  while (size <= file.size) {
    const std::size_t count = source.read(buffer);
    const auto piece = std::span<const std::byte>(buffer).first(count);
    sum.update(piece);
    if (sink) sink(piece);
    size += count;
    if (count < buffer.size()) break;
  }
  if (size != file.size) {
    throw DataError(error_text("data", source.where(),
                               fmt::format("{} of {} bytes", file.name, file.size),
                               size > file.size ? "more" : fmt::format("{}", size)));
  }
  if (sum.hex() != file.sha256) {
    throw DataError(error_text("data", source.where(),
                               fmt::format("{} with SHA-256 {}", file.name, file.sha256),
                               sum.hex()));
  }
}

void verify_dataset(const DatasetDescription& dataset, const std::filesystem::path& folder) {
  for (const DatasetFile& file : dataset.files) {
    verify_content(file, *open_plain_or_gzip(dataset_file(folder, file.name)));
  }
}

}  // namespace ravine
