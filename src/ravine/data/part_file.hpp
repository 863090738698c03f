#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <string_view>

namespace ravine {

/// A file that is written under the name `TARGET.part` and takes its own name when it is complete;
/// until then it vanishes with this object. For content too large for one string.
class PartFile {
 public:
  /// Throws IoError when the file cannot be created.
  explicit PartFile(std::filesystem::path target);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  /// Throws IoError, e.g. when the disk is full.
  void write(std::span<const std::byte> bytes);

  /// Gives the file its name, replacing an older one. Throws IoError.
  void commit();

 private:
  [[noreturn]] void fail(std::string_view reason) const;

  std::filesystem::path target_;
  std::filesystem::path part_;
  std::ofstream out_;
  bool committed_ = false;
};

}  // namespace ravine
