#include "ravine/data/standard_input.hpp"

#include <cerrno>
#include <cstring>
#include <unistd.h>

#include "ravine/base/error.hpp"

namespace ravine {

std::size_t StandardInput::read(std::span<std::byte> out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t count = ::read(STDIN_FILENO, out.data() + filled, out.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw IoError(error_text("file", where(), "a readable stream", std::strerror(errno)));
    }
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

}  // namespace ravine
