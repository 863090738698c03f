#include "ravine/data/npz.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>
#include <zip.h>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/data/file_source.hpp"
#include "ravine/data/zip_entry_source.hpp"

namespace ravine {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kEnding = ".npy";
// 1980-01-01 00:00 as zip counts: the first day it can tell.
constexpr zip_uint16_t kDosDate = (1 << 5) | 1;
constexpr zip_uint16_t kDosTime = 0;

struct Discarder {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, Discarder>;

template <class Error>
Archive open_archive(const fs::path& path, int flags, std::string_view expected) {
  int code = 0;
  Archive archive(zip_open(path.c_str(), flags, &code));
  if (archive) return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  throw Error(error_text("npz", path.string(), expected, reason));
}

std::string array_name(const fs::path& path, std::string_view entry_name) {
  const auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  if (std::any_of(entry_name.begin(), entry_name.end(), is_control)) {
    throw DataError(error_text("npz", path.string(), "entries with names that can be printed",
                               "control characters"));
  }
  if (entry_name.size() > kEnding.size() && entry_name.ends_with(kEnding)) {
    return std::string(entry_name.substr(0, entry_name.size() - kEnding.size()));
  }
  throw DataError(
      error_text("npz", path.string(), "entries NAME.npy", fmt::format("\"{}\"", entry_name)));
}

void require(bool done, zip_t* archive, const fs::path& path) {
  if (done) return;
  throw IoError(error_text("npz", path.string(), "a writable place", zip_strerror(archive)));
}

// `preamble` must live until the archive is closed, like the values.
void add_entry(zip_t* archive, const fs::path& path, const NamedArray& entry,
               std::string& preamble) {
  const std::span<const std::byte> values = npy_value_bytes(entry.array);
  // libzip takes mutable bytes but, told not to free them, only reads.
  const auto mutable_values = const_cast<std::byte*>(values.data());
  const std::array<zip_buffer_fragment_t, 2> fragments = {{
      {reinterpret_cast<zip_uint8_t*>(preamble.data()), preamble.size()},
      {reinterpret_cast<zip_uint8_t*>(mutable_values), values.size()},
  }};
  zip_source_t* source =
      zip_source_buffer_fragment(archive, fragments.data(), values.empty() ? 1 : 2, 0);
  require(source != nullptr, archive, path);
  const std::string name = entry.name + std::string(kEnding);
  const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) zip_source_free(source);
  require(index >= 0, archive, path);
  const auto added = static_cast<zip_uint64_t>(index);
  require(zip_set_file_compression(archive, added, ZIP_CM_STORE, 0) == 0, archive, path);
  require(zip_file_set_dostime(archive, added, kDosTime, kDosDate, 0) == 0, archive, path);
}

zip_stat_t entry_status(zip_t* archive, zip_uint64_t index, const fs::path& path) {
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_INDEX | ZIP_STAT_SIZE |
                                   ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD |
                                   ZIP_STAT_ENCRYPTION_METHOD;
  zip_stat_t status;
  if (zip_stat_index(archive, index, 0, &status) == 0 && (status.valid & kNeeded) == kNeeded) {
    return status;
  }
  throw DataError(error_text("npz", path.string(), "a zip archive", "an incomplete directory"));
}

}  // namespace

std::map<std::string, NpyArray> read_npz(const fs::path& path, std::string_view ignored) {
  // Entries of an honest archive lie side by side; those of a bomb share their bytes.
  std::uint64_t unclaimed = FileSource(path).most_remaining();
  const Archive archive = open_archive<DataError>(path, ZIP_RDONLY, "a zip archive");
  std::map<std::string, NpyArray> arrays;
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const zip_stat_t status = entry_status(archive.get(), static_cast<zip_uint64_t>(i), path);
    const std::string name = array_name(path, status.name);
    if (status.comp_size > unclaimed) {
      throw DataError(error_text("npz", path.string(), "entries no larger than the file",
                                 fmt::format("{} bytes of \"{}\"", status.comp_size, name)));
    }
    unclaimed -= status.comp_size;
    if (!ignored.empty() && name.ends_with(ignored)) continue;
    ZipEntrySource source(archive.get(), status, fmt::format("{}, {}", path.string(), status.name));
    if (!arrays.emplace(name, read_npy(source)).second) {
      throw DataError(error_text("npz", path.string(), "each array once", name + " twice"));
    }
  }
  return arrays;
}

void write_npz(const fs::path& path, std::span<const NamedArray> entries) {
  check_names("npz", entries);
  std::vector<std::string> preambles;
  for (const NamedArray& entry : entries) preambles.push_back(npy_preamble(entry.array));
  Archive archive = open_archive<IoError>(path, ZIP_CREATE | ZIP_TRUNCATE, "a writable place");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    add_entry(archive.get(), path, entries[i], preambles[i]);
  }
  // libzip writes to a temporary neighbour and renames it.
  require(zip_close(archive.get()) == 0, archive.get(), path);
  static_cast<void>(archive.release());  // closing has freed it
}

}  // namespace ravine
