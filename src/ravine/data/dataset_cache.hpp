#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "ravine/data/dataset_registry.hpp"
#include "ravine/data/image_dataset.hpp"

namespace ravine {

/// The folder that holds a folder per data set: `$RAVINE_DATA`, else `$XDG_CACHE_HOME/ravine`, else
/// `~/.cache/ravine`. Throws ConfigError when none of the variables is set.
std::filesystem::path cache_folder();

/// Where the cache keeps this data set, whether it is there or not.
std::filesystem::path cached_dataset_folder(const DatasetDescription& dataset);

/// The folder with the data set's four files: in the cache, else the system's copy, else nothing.
/// Looks at names only; load_dataset() checks the content.
std::optional<std::filesystem::path> find_dataset(const DatasetDescription& dataset);

/// The folder meant by a `--data` argument: that of a known data set, or the path of a folder as
/// given (`./mnist` for a folder that has the name of a known one). Throws DataError with the
/// command that helps when a known data set is not on this machine, and ConfigError listing the
/// known names when the argument is neither.
std::filesystem::path dataset_folder(std::string_view name_or_path);

/// Loads what a `--data` argument means. The data set's name is the known name, or the path as
/// given. Throws what dataset_folder() and load_image_dataset() throw, and DataError when the
/// content of a known data set is not the published one, with the command that mends it.
ImageDataset load_dataset(std::string_view name_or_path);

/// Copies a data set into the cache, all four files or nothing, from a folder that holds them plain
/// or gzipped; returns its place there. Throws DataError when one is not the published file,
/// IoError when one is missing or the cache cannot be written.
std::filesystem::path import_dataset(const DatasetDescription& dataset,
                                     const std::filesystem::path& folder);

}  // namespace ravine
