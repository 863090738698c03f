#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ravine {

/// What one file of a known data set must be, whatever gzip of it was published.
struct DatasetFile {
  std::string name;        ///< plain, without `.gz`
  std::uint64_t size = 0;  ///< bytes of the uncompressed content
  std::string sha256;      ///< of the uncompressed content, hexadecimal
};

/// A data set that Ravine knows by name.
struct DatasetDescription {
  std::string name;                     ///< as written on the command line
  std::string title;                    ///< one line for people
  std::array<DatasetFile, 4> files;     ///< in the order of kDatasetFiles
  std::vector<std::string> mirrors;     ///< base URLs ending in '/', tried in this order
  std::filesystem::path system_folder;  ///< where the distribution's package puts it, or empty
};

/// All of them: `mnist`, `fashion-mnist`.
const std::vector<DatasetDescription>& known_datasets();

/// The one of that name, or nullptr.
const DatasetDescription* find_known_dataset(std::string_view name);

/// The one of that name. Throws ConfigError listing the known names when there is none.
const DatasetDescription& known_dataset(std::string_view name);

/// The known names for error texts, e.g. `mnist, fashion-mnist`.
std::string known_dataset_names();

}  // namespace ravine
