#pragma once

#include <filesystem>
#include <optional>

#include "ravine/base/option_check.hpp"
#include "ravine/record/manifest.hpp"
#include "ravine/study/sensing_instance.hpp"

namespace ravine {

/// Which instance of matrix sensing a study is about.
struct InstanceChoice {
  /// When files are given, only the seed counts, and the ensemble says how to read them.
  RandomSensingConfig instance;
  bool population = false;  ///< observe X* itself instead of measurements of it
  std::optional<std::filesystem::path> measurement_file;
  std::optional<std::filesystem::path> value_file;
  std::optional<std::filesystem::path> truth_file;

  bool uses_files() const { return measurement_file.has_value(); }

  friend bool operator==(const InstanceChoice&, const InstanceChoice&) = default;
};

/// Demands what makes an instance possible.
void check_instance(const InstanceChoice& choice, OptionCheck& options);

/// The instance of the files, or a random one. Throws as those do.
SensingInstance make_instance(const InstanceChoice& choice, ThreadTeam& team);

/// Adds the resolved options that say which instance it was, for the manifest: dimension and
/// whether it is the population, and what was measured of which matrix.
void add_dimension(const InstanceChoice& choice, const SensingInstance& instance, Json& json);
void add_measurements(const InstanceChoice& choice, const SensingInstance& instance, Json& json);
void add_truth(const InstanceChoice& choice, Json& json);

std::string_view name_of(TruthEntries entries);

}  // namespace ravine
