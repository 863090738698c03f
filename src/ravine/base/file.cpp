#include "ravine/base/file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::error_code failed;
  if (fs::is_directory(path, failed)) {
    throw IoError(error_text("file", path.string(), "a file", "a folder"));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in)
    throw IoError(error_text("file", path.string(), "a readable file", std::strerror(errno)));
  std::string content;
  char chunk[1 << 16];
  while (in.read(chunk, sizeof(chunk)) || in.gcount() > 0) {
    content.append(chunk, static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) throw IoError(error_text("file", path.string(), "", "reading failed"));
  return content;
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  const fs::path part = path.string() + fmt::format(".part-{}", ::getpid());
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  std::error_code failed;
  if (out) fs::rename(part, path, failed);
  if (!out || failed) {
    const std::string reason = failed ? failed.message() : std::strerror(errno);
    fs::remove(part, failed);
    throw IoError(error_text("file", path.string(), "a writable place", reason));
  }
}

void sync_to_disk(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = file >= 0 && ::fsync(file) == 0;
  const int reason = errno;
  if (file >= 0) ::close(file);
  if (!done) {
    throw IoError(error_text("file", path.string(), "a disk that takes it", std::strerror(reason)));
  }
}

}  // namespace ravine
