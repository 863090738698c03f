#include "ravine/cli/line_sink.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include "ravine/base/error.hpp"

namespace ravine::cli {

LineSink::LineSink(std::string where)
    : where_(std::move(where)), out_(where_ == "-" ? stdout : std::fopen(where_.c_str(), "w")) {
  if (out_ == nullptr) {
    throw IoError(error_text("stream", where_, "a file that can be written", std::strerror(errno)));
  }
  if (out_ == stdout) std::signal(SIGPIPE, SIG_IGN);
}

LineSink::~LineSink() {
  if (out_ != stdout) std::fclose(out_);
}

void LineSink::write(const std::string& line) {
  if (std::fputs((line + "\n").c_str(), out_) >= 0 && std::fflush(out_) == 0) return;
  throw IoError(error_text("stream", where_, "a reader or room for more", std::strerror(errno)));
}

}  // namespace ravine::cli
