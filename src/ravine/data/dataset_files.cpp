#include "ravine/data/dataset_files.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace fs = std::filesystem;

namespace {

std::optional<fs::path> find_dataset_file(const fs::path& folder, std::string_view name) {
  for (const std::string_view ending : {"", ".gz"}) {
    fs::path path = folder / fmt::format("{}{}", name, ending);
    std::error_code ignored;
    if (fs::exists(path, ignored)) return path;
  }
  return std::nullopt;
}

}  // namespace

fs::path dataset_file(const fs::path& folder, std::string_view name) {
  if (auto path = find_dataset_file(folder, name)) return *path;
  throw IoError(error_text("data", (folder / name).string(), "this file, plain or .gz", "no file"));
}

bool has_dataset_files(const fs::path& folder) {
  return std::all_of(kDatasetFiles.begin(), kDatasetFiles.end(), [&](std::string_view name) {
    return find_dataset_file(folder, name).has_value();
  });
}

}  // namespace ravine
