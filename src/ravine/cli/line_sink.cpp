#include "ravine/cli/line_sink.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "ravine/base/error.hpp"

namespace ravine::cli {

namespace {

std::FILE* open_file(const std::string& where, bool force) {
  std::error_code failed;
  if (!force && std::filesystem::is_regular_file(where, failed)) {
    throw IoError(error_text("stream", where, "a file that is not there yet", "an existing one",
                             "--force replaces it"));
  }
  if (std::FILE* file = std::fopen(where.c_str(), "w")) return file;
  throw IoError(error_text("stream", where, "a file that can be written", std::strerror(errno)));
}

}  // namespace

LineSink::LineSink(std::string where, bool force)
    : where_(std::move(where)), out_(where_ == "-" ? stdout : open_file(where_, force)) {
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
