#pragma once

#include <cstdio>
#include <string>

namespace ravine::cli {

/// Writes lines to a file or, for "-", to stdout, each at once so that a reader can follow. A file
/// grows in its place; one that no line reaches is left as it was.
class LineSink {
 public:
  enum class Older {
    refuse,
    replace,
    go_on  ///< keeps the lines before the first one's step
  };

  /// Throws IoError when the file cannot be written, or exists and may not be replaced or gone on
  /// from, as what is no older stream never may; a pipe or a device may exist.
  LineSink(std::string where, Older older);
  ~LineSink();
  LineSink(const LineSink&) = delete;
  LineSink& operator=(const LineSink&) = delete;

  /// Throws IoError.
  void write(const std::string& line);

 private:
  void cut_before(const std::string& line);

  std::string where_;
  std::FILE* out_ = stdout;
  Older older_;
  bool is_new_ = false;
  bool is_empty_ = true;  // of this object's lines
};

}  // namespace ravine::cli
