#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "ravine/record/host_info.hpp"

namespace ravine {

/// JSON whose keys keep the order they were given in, so equal runs write equal manifests.
using Json = nlohmann::ordered_json;

inline constexpr std::string_view kManifestFile = "manifest.json";
inline constexpr std::string_view kRunSchema = "ravine-run/1";

/// What `manifest.json` says of a run; docs/run-folder.md documents every key.
struct Manifest {
  std::string kind;           // "train", "sense", "landscape", "slice", "sweep" or "reproduce"
  std::string name;           // of the run
  Json experiment = nullptr;  // {id, title, question, notebook}; null: left out
  Json configuration = Json::object();  // resolved options by their long names
  HostInfo host = {};
  Json data = nullptr;  // train: the data set; null: left out
  std::string termination_reason = "stopped";
  std::string termination_message = "run was not started";
  std::vector<std::int64_t> resumed_after = {};  // steps; of a run that went on from a checkpoint
  Json timing = Json::object();                  // seconds by phase
  Json results = Json::object();                 // by kind
};

/// Reads a file of JSON. Throws IoError, and DataError, `[component] ...`, for over 64 MiB or text
/// that is no JSON.
Json read_json(const std::filesystem::path& path, std::string_view component);

/// Writes `manifest.json` into a folder; non-finite numbers become null. Throws ConfigError for a
/// kind or a termination reason the format does not know, IoError when the file cannot be written.
void write_manifest(const std::filesystem::path& folder, const Manifest& manifest);

/// Reads the manifest of a run folder, whole. Throws DataError when the folder is not a run: no
/// manifest, no JSON, another schema, an unknown kind or a missing part; IoError when there is
/// none.
Json read_manifest(const std::filesystem::path& folder);

/// Whether a folder holds a Ravine run of any schema version, readable to this program or not.
bool holds_run(const std::filesystem::path& folder);

}  // namespace ravine
