#include "ravine/cli/terminal.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>

namespace ravine::cli {

namespace {

constexpr int kWidth = 28;

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds + 0.5);
  if (whole >= 3600)
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

bool is_dumb_terminal() {
  const char* term = std::getenv("TERM");
  return term == nullptr || std::string_view(term) == "dumb";
}

}  // namespace

void say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::string printable(std::string_view text) {
  std::string result;
  unsigned char last = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool goes_on = last >= 0x80 && last != 0xc2;  // within a character of UTF-8
    const bool is_high_control = byte >= 0x80 && byte < 0xa0 && !goes_on;
    if ((byte < 0x20 && c != '\n') || byte == 0x7f || is_high_control) {
      result += fmt::format("\\x{:02x}", byte);
      last = 0;
    } else {
      result += c;
      last = byte;
    }
  }
  return result;
}

ProgressBar::ProgressBar(bool quiet)
    : quiet_(quiet), terminal_(!quiet && isatty(STDERR_FILENO) == 1 && !is_dumb_terminal()) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::update(const std::string& phase, std::int64_t done, std::int64_t total) {
  const double now = timer_.elapsed_seconds();
  if (first_done_ < 0) {
    first_done_ = done;
    first_seconds_ = now;
  }
  if (!terminal_ || total <= 0 || now < next_draw_seconds_) return;
  next_draw_seconds_ = now + 0.1;
  const auto filled = static_cast<int>(kWidth * std::min(done, total) / total);
  std::string bar;
  for (int i = 0; i < kWidth; ++i) bar += i < filled ? "━" : "╌";
  std::string left = "--:--";
  if (done > first_done_) {
    left = duration_text((now - first_seconds_) * static_cast<double>(total - done) /
                         static_cast<double>(done - first_done_));
  }
  say(fmt::format("\r\x1b[K{} {} {}/{}  {} left", phase, bar, done, total, left));
  drawn_ = true;
}

void ProgressBar::print_line(const std::string& line) {
  if (quiet_) return;
  clear();
  say(line + "\n");
}

void ProgressBar::clear() {
  if (!drawn_) return;
  say("\r\x1b[K");
  drawn_ = false;
}

}  // namespace ravine::cli
