#include "ravine/data/file_source.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <sys/mman.h>
#include <sys/stat.h>

#include "ravine/base/error.hpp"
#include "ravine/data/gzip.hpp"

namespace ravine {

FileSource::FileSource(const std::filesystem::path& path, std::string where_text)
    : ByteSource(where_text.empty() ? path.string() : std::move(where_text)) {
  // Without O_NONBLOCK, opening a pipe would wait for a writer before it can be refused.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) {
    throw IoError(error_text("file", where(), "a readable file", std::strerror(errno)));
  }
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    throw IoError(error_text("file", where(), "a regular file",
                             S_ISDIR(status.st_mode) ? "a folder" : "something else"));
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  remaining_ = size_;
}

FileSource::~FileSource() { ::close(descriptor_); }

std::size_t FileSource::read(std::span<std::byte> out) {
  const std::size_t wanted = std::min<std::uint64_t>(out.size(), remaining_);
  std::size_t filled = 0;
  while (filled < wanted) {
    const ssize_t count = ::read(descriptor_, out.data() + filled, wanted - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw IoError(error_text("file", where(), "a readable file", std::strerror(errno)));
    }
    if (count == 0) break;  // the file shrank since it was opened
    filled += static_cast<std::size_t>(count);
  }
  remaining_ = filled < wanted ? 0 : remaining_ - filled;
  return filled;
}

void FileSource::rewind() {
  if (::lseek(descriptor_, 0, SEEK_SET) != 0) {
    throw IoError(error_text("file", where(), "a file with positions", std::strerror(errno)));
  }
  remaining_ = size_;
}

std::shared_ptr<const std::byte> FileSource::map() const {
  void* const bytes = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor_, 0);
  if (bytes == MAP_FAILED) {
    throw IoError(error_text("file", where(), "a file that can be mapped", std::strerror(errno)));
  }
  return {static_cast<const std::byte*>(bytes), [size = size_](const std::byte* first) {
            ::munmap(const_cast<std::byte*>(first), size);
          }};
}

std::unique_ptr<ByteSource> open_plain_or_gzip(const std::filesystem::path& path,
                                               std::string where) {
  auto file = std::make_unique<FileSource>(path, std::move(where));
  std::array<std::byte, 2> start{};
  const std::size_t count = file->read(start);
  file->rewind();
  if (is_gzip(std::span(start).first(count))) return std::make_unique<GzipSource>(std::move(file));
  return file;
}

}  // namespace ravine
