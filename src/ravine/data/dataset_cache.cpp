#include "ravine/data/dataset_cache.hpp"

#include <cstdlib>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/data/dataset_files.hpp"
#include "ravine/data/dataset_staging.hpp"
#include "ravine/data/file_source.hpp"

namespace ravine {

namespace fs = std::filesystem;

namespace {

fs::path environment_path(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? fs::path() : fs::path(value);
}

void check_published(const DatasetDescription& known, const ImageDataset& loaded,
                     const fs::path& folder) {
  for (const DatasetFile& file : known.files) {
    const std::string& sum = loaded.sha256.at(file.name);
    if (sum == file.sha256) continue;
    throw DataError(error_text("data", dataset_file(folder, file.name).string(),
                               fmt::format("{} with SHA-256 {}", known.name, file.sha256), sum));
  }
}

ImageDataset load_known(const DatasetDescription& known) {
  const fs::path folder = dataset_folder(known.name);
  try {
    ImageDataset loaded = load_image_dataset(folder, known.name);
    check_published(known, loaded, folder);
    return loaded;
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}; hint: `ravine data fetch {}` replaces damaged files",
                                error.what(), known.name));
  }
}

}  // namespace

fs::path cache_folder() {
  if (const fs::path own = environment_path("RAVINE_DATA"); !own.empty()) return own;
  // The XDG specification wants relative paths to be ignored.
  const fs::path caches = environment_path("XDG_CACHE_HOME");
  if (caches.is_absolute()) return caches / "ravine";
  if (const fs::path home = environment_path("HOME"); !home.empty()) return home / ".cache/ravine";
  throw ConfigError(error_text("data", "cache folder", "RAVINE_DATA, XDG_CACHE_HOME or HOME",
                               "none of them set"));
}

fs::path cached_dataset_folder(const DatasetDescription& dataset) {
  return cache_folder() / dataset.name;
}

std::optional<fs::path> find_dataset(const DatasetDescription& dataset) {
  const fs::path cached = cached_dataset_folder(dataset);
  if (has_dataset_files(cached)) return cached;
  if (!dataset.system_folder.empty() && has_dataset_files(dataset.system_folder)) {
    return dataset.system_folder;
  }
  return std::nullopt;
}

fs::path dataset_folder(std::string_view name_or_path) {
  if (const DatasetDescription* known = find_known_dataset(name_or_path)) {
    if (const auto folder = find_dataset(*known)) return *folder;
    throw DataError(error_text("data", known->name, "a data set on this machine", "none",
                               fmt::format("ravine data fetch {}", known->name)));
  }
  std::error_code ignored;
  if (fs::is_directory(name_or_path, ignored)) return name_or_path;
  throw ConfigError(error_text("data", "data set",
                               fmt::format("a folder or one of {}", known_dataset_names()),
                               fmt::format("\"{}\"", name_or_path)));
}

ImageDataset load_dataset(std::string_view name_or_path) {
  if (const auto* known = find_known_dataset(name_or_path)) return load_known(*known);
  return load_image_dataset(dataset_folder(name_or_path), std::string(name_or_path));
}

fs::path import_dataset(const DatasetDescription& dataset, const fs::path& folder) {
  const fs::path target = cached_dataset_folder(dataset);
  DatasetStaging staging(target);
  for (const DatasetFile& file : dataset.files) {
    staging.add(file, *open_plain_or_gzip(dataset_file(folder, file.name)));
  }
  staging.publish();
  return target;
}

}  // namespace ravine
