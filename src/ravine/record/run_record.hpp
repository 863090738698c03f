#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/record/csv_table.hpp"
#include "ravine/record/manifest.hpp"

namespace ravine {

/// A finished run, read from its folder: the manifest at once, a table when it is first asked for.
/// Not for use by several threads at a time.
class RunRecord {
 public:
  RunRecord(std::filesystem::path folder, Json manifest)
      : folder_(std::move(folder)), manifest_(std::move(manifest)) {}

  const std::filesystem::path& folder() const { return folder_; }
  const Json& manifest() const { return manifest_; }
  std::string kind() const { return text("/kind"); }
  std::string name() const { return text("/name"); }

  /// Whether the manifest has something other than null at a JSON pointer ("/results/epochs").
  bool has(const std::string& pointer) const;

  /// The number there, NaN for null. Throws DataError when there is none.
  double number(const std::string& pointer) const;

  /// The number there, NaN for null and where the manifest ends before it (a run that stopped
  /// before it had the number). Throws DataError when it is something else.
  double number_if_any(const std::string& pointer) const;

  /// The numbers there, NaN for null. Throws DataError when there is no array of numbers.
  std::vector<double> numbers(const std::string& pointer) const;

  /// The text there. Throws DataError when there is none.
  std::string text(const std::string& pointer) const;

  /// The array there. Throws DataError when there is none.
  const Json& array(const std::string& pointer) const;

  /// Whether the folder holds a file of this name.
  bool has_table(const std::string& file) const;

  /// A table of the folder, e.g. "steps.csv", read once and kept. Throws DataError when it is
  /// missing or broken.
  const CsvTable& table(const std::string& file) const;

 private:
  const Json& at(const std::string& pointer, std::string_view expected) const;
  [[noreturn]] void refuse(const std::string& pointer, std::string_view expected,
                           std::string_view got) const;

  std::filesystem::path folder_;
  Json manifest_;
  mutable std::map<std::string, CsvTable> tables_;
};

/// Reads one run. Throws DataError when the folder is not a run, IoError when it cannot be read.
RunRecord read_run(const std::filesystem::path& folder);

}  // namespace ravine
