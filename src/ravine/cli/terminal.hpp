#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ravine/base/timer.hpp"

namespace ravine::cli {

/// Writes to stderr. That nobody can read it, as on a full disk, is no reason to stop.
void say(std::string_view text);

/// With control characters, which may steer a terminal and stand in names of somebody's files, as
/// \\xHH, those of 8 bits and of UTF-8 (U+0080 to U+009F) too; all but the ends of lines.
std::string printable(std::string_view text);

/// A progress bar with time left on stderr, drawn only when stderr is a terminal, redrawn at most
/// ten times a second. Lines printed through it do not tear it.
class ProgressBar {
 public:
  explicit ProgressBar(bool quiet);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void update(const std::string& phase, std::int64_t done, std::int64_t total);
  void print_line(const std::string& line);  ///< to stderr, unless quiet
  void clear();

 private:
  bool quiet_;
  bool terminal_;
  bool drawn_ = false;
  double next_draw_seconds_ = 0;
  std::int64_t first_done_ = -1;
  double first_seconds_ = 0;
  Timer timer_;
};

}  // namespace ravine::cli
