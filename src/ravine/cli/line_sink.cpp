#include "ravine/cli/line_sink.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <unistd.h>

#include "ravine/base/error.hpp"
#include "ravine/study/step_outputs.hpp"

namespace ravine::cli {

namespace fs = std::filesystem;

namespace {

void demand_replaceable(const std::string& where, LineSink::Older older) {
  std::error_code failed;
  if (!fs::is_regular_file(where, failed)) return;
  if (older == LineSink::Older::refuse) {
    throw IoError(error_text("stream", where, "a file that is not there yet", "an existing one",
                             "--force replaces an older stream"));
  }
  if (!is_step_stream(where)) {
    throw IoError(error_text("stream", where, "an older stream", "another file",
                             "choose another name; only streams are replaced or gone on from"));
  }
}

/// As it is: what an older stream holds goes with the first line of the new one.
std::FILE* open_file(const std::string& where) {
  if (std::FILE* file = std::fopen(where.c_str(), "a")) return file;
  throw IoError(error_text("stream", where, "a file that can be written", std::strerror(errno)));
}

}  // namespace

LineSink::LineSink(std::string where, Older older) : where_(std::move(where)), older_(older) {
  if (where_ == "-") return;
  demand_replaceable(where_, older);
  std::error_code failed;
  is_new_ = !fs::exists(where_, failed);
  out_ = open_file(where_);
}

LineSink::~LineSink() {
  if (out_ == stdout) return;
  std::fclose(out_);
  std::error_code ignored;
  if (is_new_ && is_empty_) fs::remove(where_, ignored);
}

/// A pipe or a device has no older lines.
void LineSink::cut_before(const std::string& line) {
  std::error_code failed;
  if (!fs::is_regular_file(where_, failed)) return;
  const std::uintmax_t kept = older_ == Older::go_on ? stream_size_before(where_, line) : 0;
  if (::ftruncate(::fileno(out_), static_cast<off_t>(kept)) == 0) return;
  throw IoError(error_text("stream", where_, "a file that can be written", std::strerror(errno)));
}

void LineSink::write(const std::string& line) {
  if (is_empty_ && out_ != stdout) cut_before(line);
  is_empty_ = false;
  if (std::fputs((line + "\n").c_str(), out_) >= 0 && std::fflush(out_) == 0) return;
  throw IoError(error_text("stream", where_, "a reader or room for more", std::strerror(errno)));
}

}  // namespace ravine::cli
