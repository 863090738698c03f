#pragma once

#include <filesystem>

#include "ravine/data/byte_source.hpp"
#include "ravine/data/dataset_registry.hpp"

namespace ravine {

/// Builds a data set's folder hidden beside its final place and moves it there when all its files
/// are right: a cached data set is whole or not there at all.
class DatasetStaging {
 public:
  /// Creates the hidden neighbour of `target`. Throws IoError when that cannot be written.
  explicit DatasetStaging(std::filesystem::path target);

  /// Removes whatever was not published.
  ~DatasetStaging();
  DatasetStaging(const DatasetStaging&) = delete;
  DatasetStaging& operator=(const DatasetStaging&) = delete;

  /// The hidden folder; what else is put there must be gone before publish().
  const std::filesystem::path& folder() const { return folder_; }

  /// Stores the uncompressed content of `source` as that file. Throws DataError when it is not what
  /// `file` says; then nothing is stored and another source may be tried.
  void add(const DatasetFile& file, ByteSource& source);

  /// Moves the folder to its place, instead of one already there. Throws IoError.
  void publish();

 private:
  std::filesystem::path target_;
  std::filesystem::path folder_;
};

}  // namespace ravine
