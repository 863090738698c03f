#include "ravine/data/part_file.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "ravine/base/error.hpp"

namespace ravine {

namespace fs = std::filesystem;

PartFile::PartFile(fs::path target)
    : target_(std::move(target)),
      part_(target_.string() + ".part"),
      out_(part_, std::ios::binary | std::ios::trunc) {
  if (!out_) fail(std::strerror(errno));
}

PartFile::~PartFile() {
  if (committed_) return;
  out_.close();
  std::error_code ignored;
  fs::remove(part_, ignored);
}

void PartFile::write(std::span<const std::byte> bytes) {
  out_.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!out_) fail(std::strerror(errno));
}

void PartFile::commit() {
  out_.close();
  if (!out_) fail(std::strerror(errno));
  std::error_code failed;
  fs::rename(part_, target_, failed);
  if (failed) fail(failed.message());
  committed_ = true;
}

void PartFile::fail(std::string_view reason) const {
  throw IoError(error_text("file", target_.string(), "a writable place", reason));
}

}  // namespace ravine
