#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <zip.h>

#include "ravine/data/byte_source.hpp"

namespace ravine {

/// The uncompressed content of one entry of a zip archive. For .cpp files only: the header of
/// libzip is not among the library's public includes.
class ZipEntrySource : public ByteSource {
 public:
  /// `archive` must outlive this source; `status` is what zip_stat_index() says of the entry.
  /// Throws DataError when the entry is encrypted, or neither stored nor deflated.
  ZipEntrySource(zip_t* archive, const zip_stat_t& status, std::string where);

  /// Throws DataError when the entry is damaged; libzip compares the check sum at the end.
  std::size_t read(std::span<std::byte> out) override;
  std::uint64_t most_remaining() const override { return most_remaining_; }

 private:
  struct Closer {
    void operator()(zip_file_t* entry) const { zip_fclose(entry); }
  };

  std::unique_ptr<zip_file_t, Closer> entry_;
  std::uint64_t most_remaining_ = 0;
};

}  // namespace ravine
