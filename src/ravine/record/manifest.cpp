#include "ravine/record/manifest.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"

namespace ravine {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSchemaFamily = "ravine-run/";
constexpr std::uintmax_t kLargestManifest = std::uintmax_t{64} << 20;

constexpr std::array<std::string_view, 6> kKinds{"train", "sense", "landscape",
                                                 "slice", "sweep", "reproduce"};
constexpr std::array<std::string_view, 7> kReasons{
    "max_steps", "target_reached", "converged", "stalled", "diverged", "stopped", "interrupted"};

void check_is_one_of(std::string_view what, const std::string& value, const auto& known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return;
  throw ConfigError(error_text("manifest", what, fmt::format("one of {}", fmt::join(known, ", ")),
                               fmt::format("'{}'", value)));
}

Json host_json(const HostInfo& host) {
  return {{"ravine_version", host.ravine_version},
          {"compiler", host.compiler},
          {"build_type", host.build_type},
          {"instruction_set", host.instruction_set},
          {"cpu", host.cpu},
          {"threads", host.threads}};
}

std::string text_or_empty(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Json read_json(const fs::path& path, std::string_view component) {
  std::error_code unknown;
  const std::uintmax_t size = fs::file_size(path, unknown);
  if (!unknown && size > kLargestManifest) {
    throw DataError(
        error_text(component, path.string(), "at most 64 MiB", fmt::format("{} bytes", size)));
  }
  try {
    return Json::parse(read_file(path));
  } catch (const Json::exception&) {
    throw DataError(error_text(component, path.string(), "JSON", "text that is none"));
  }
}

void write_manifest(const fs::path& folder, const Manifest& manifest) {
  check_is_one_of("kind", manifest.kind, kKinds);
  check_is_one_of("termination reason", manifest.termination_reason, kReasons);
  Json json = {{"schema", kRunSchema}, {"kind", manifest.kind}, {"name", manifest.name}};
  if (!manifest.experiment.is_null()) json["experiment"] = manifest.experiment;
  json["configuration"] = manifest.configuration;
  json["host"] = host_json(manifest.host);
  if (!manifest.data.is_null()) json["data"] = manifest.data;
  json["termination"] = {{"reason", manifest.termination_reason},
                         {"message", manifest.termination_message}};
  if (!manifest.resumed_after.empty()) json["resumed_after"] = manifest.resumed_after;
  json["timing"] = manifest.timing;
  json["results"] = manifest.results;
  write_file_atomically(folder / kManifestFile,
                        json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Json read_manifest(const fs::path& folder) {
  const fs::path path = folder / kManifestFile;
  std::error_code hidden;
  if (!fs::exists(folder, hidden)) {
    throw IoError(error_text("manifest", folder.string(), "a run folder", "nothing of that name"));
  }
  if (!fs::exists(path, hidden)) {
    throw DataError(error_text("manifest", folder.string(), "a run folder",
                               fmt::format("one without {}", kManifestFile)));
  }
  Json json = read_json(path, "manifest");
  const std::string schema = json.is_object() ? text_or_empty(json, "schema") : std::string();
  if (schema != kRunSchema) {
    throw DataError(error_text("manifest", path.string(), fmt::format("schema {}", kRunSchema),
                               schema.empty() ? "none" : schema));
  }
  const std::string kind = text_or_empty(json, "kind");
  if (std::find(kKinds.begin(), kKinds.end(), kind) == kKinds.end()) {
    throw DataError(error_text("manifest", path.string(),
                               fmt::format("kind one of {}", fmt::join(kKinds, ", ")),
                               fmt::format("'{}'", kind)));
  }
  for (const char* part : {"configuration", "host", "termination", "results"}) {
    const auto found = json.find(part);
    if (found == json.end() || !found->is_object()) {
      throw DataError(
          error_text("manifest", path.string(), fmt::format("an object '{}'", part), "none"));
    }
  }
  return json;
}

bool holds_run(const fs::path& folder) {
  try {
    const Json json = read_json(folder / kManifestFile, "manifest");
    return json.is_object() && text_or_empty(json, "schema").starts_with(kSchemaFamily);
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace ravine
