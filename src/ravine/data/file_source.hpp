#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "ravine/data/byte_source.hpp"

namespace ravine {

/// The bytes of a regular file, read straight into the caller's memory.
class FileSource : public ByteSource {
 public:
  /// Throws IoError when the file is missing, unreadable or not a regular file (a pipe or a device
  /// has no size that could justify memory). Errors name it by `where`, or by its path.
  explicit FileSource(const std::filesystem::path& path, std::string where = {});
  ~FileSource() override;

  std::size_t read(std::span<std::byte> out) override;
  std::uint64_t most_remaining() const override { return remaining_; }

  /// Starts again at the first byte.
  void rewind();

  /// The whole file mapped into memory, to be read; it outlives the source. Throws IoError.
  std::shared_ptr<const std::byte> map() const;

 private:
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::uint64_t remaining_ = 0;
};

/// The content of a file that may be gzipped, told by its first bytes and not by its name.
/// Named and throwing like FileSource.
std::unique_ptr<ByteSource> open_plain_or_gzip(const std::filesystem::path& path,
                                               std::string where = {});

}  // namespace ravine
