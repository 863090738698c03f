#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

namespace ravine {

/// One number on its way to TensorBoard.
struct Scalar {
  std::string tag;  ///< e.g. "loss/train"; TensorBoard groups by what is before the slash
  double value = 0;
};

/// An event file as TensorBoard reads it: records of TensorFlow's TFRecord format, each a protocol
/// buffer `Event` (tensorflow/core/util/event.proto) that holds a `Summary` of simple values. Only
/// these few fields are written, so their encoding is here and no library is needed. Numbers are
/// float32, as TensorBoard keeps them.
class EventFile {
 public:
  /// Makes the folder where needed, and in it a file named by the time, the host and this process.
  /// Throws IoError.
  explicit EventFile(const std::filesystem::path& folder);

  const std::filesystem::path& path() const { return path_; }

  /// Adds an event with the numbers of a step. Throws IoError when the disk refuses it.
  void add(std::int64_t step, std::span<const Scalar> scalars);

  /// Waits until all events are on the disk. Throws IoError.
  void sync();

  /// Throws IoError when anything did not reach the file.
  void close();

 private:
  void write_record(const std::string& event);
  void check() const;

  std::filesystem::path path_;
  std::ofstream out_;
};

}  // namespace ravine
