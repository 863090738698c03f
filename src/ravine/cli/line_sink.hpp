#pragma once

#include <cstdio>
#include <string>

namespace ravine::cli {

/// Writes lines to a file or, for "-", to stdout, each at once so that a reader can follow. A file
/// grows in its place; one that no line reaches is left as it was.
class LineSink {
 public:
  /// Throws IoError when the file cannot be written, or exists and is not an older stream that
  /// `force` may replace; a pipe or a device may exist. For stdout, a reader that goes away becomes
  /// an error of write() from now on instead of a signal.
  LineSink(std::string where, bool force);
  ~LineSink();
  LineSink(const LineSink&) = delete;
  LineSink& operator=(const LineSink&) = delete;

  /// Throws IoError.
  void write(const std::string& line);

 private:
  std::string where_;
  std::FILE* out_ = stdout;
  bool is_new_ = false;
  bool is_empty_ = true;  // of this object's lines
};

}  // namespace ravine::cli
