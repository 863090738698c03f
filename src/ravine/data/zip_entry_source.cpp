#include "ravine/data/zip_entry_source.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/data/gzip.hpp"

namespace ravine {

namespace {

std::uint64_t most_content(const zip_stat_t& status) {
  if (status.comp_method == ZIP_CM_STORE) return std::min(status.size, status.comp_size);
  return std::min(status.size, most_inflated(status.comp_size));
}

}  // namespace

ZipEntrySource::ZipEntrySource(zip_t* archive, const zip_stat_t& status, std::string where_text)
    : ByteSource(std::move(where_text)), most_remaining_(most_content(status)) {
  if (status.encryption_method != ZIP_EM_NONE) {
    throw DataError(error_text("npz", where(), "an entry without password", "an encrypted one"));
  }
  if (status.comp_method != ZIP_CM_STORE && status.comp_method != ZIP_CM_DEFLATE) {
    throw DataError(error_text("npz", where(), "a stored or deflated entry",
                               fmt::format("compression method {}", status.comp_method),
                               "write the file with numpy.savez"));
  }
  entry_.reset(zip_fopen_index(archive, status.index, 0));
  if (!entry_)
    throw DataError(error_text("npz", where(), "a readable entry", zip_strerror(archive)));
}

std::size_t ZipEntrySource::read(std::span<std::byte> out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const zip_int64_t count = zip_fread(entry_.get(), out.data() + filled, out.size() - filled);
    if (count < 0) {
      throw DataError(
          error_text("npz", where(), "an intact entry", zip_file_strerror(entry_.get())));
    }
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  most_remaining_ -= std::min<std::uint64_t>(most_remaining_, filled);
  return filled;
}

}  // namespace ravine
