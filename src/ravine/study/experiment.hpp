#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "ravine/record/manifest.hpp"

namespace ravine {

/// One run of an experiment: a verb with its options.
struct ExperimentRun {
  std::string name;     ///< of its folder
  std::string verb;     ///< "train", "sense" or "landscape"
  toml::table options;  ///< keys are the verb's long options
  toml::table quick;    ///< options that replace them in a quick reproduction
};

/// A number an experiment must show. It is either a result of the manifest (a JSON pointer) or a
/// cell of a table, found by its column and the value of another column.
struct ExperimentCheck {
  std::string run;
  std::string what;  ///< in words
  std::string result;
  std::string table, column, where_column;
  double where_value = 0;
  double low = 0, high = 0;
};

/// A question with the runs that answer it and the numbers they must show, from
/// `experiments/*.toml`.
struct Experiment {
  std::string id;
  std::string title;
  std::string question;
  std::string notebook;  ///< what the course notebook had and what was wrong with it
  bool full = false;     ///< takes minutes: `ravine reproduce` runs it with --full only
  std::vector<ExperimentRun> runs;
  std::vector<ExperimentCheck> checks;

  Json description() const;  ///< {id, title, question, notebook} for the manifests
};

/// Reads an experiment. Throws ConfigError naming `source` and what is missing or unknown.
Experiment parse_experiment(std::string_view toml, const std::string& source);

/// The experiments built into the program, in the report's order.
std::vector<Experiment> built_in_experiments();

/// Outcome of the checks of the runs that are in `folder` (a run `name` in `folder/name`):
/// [{experiment, run, what, expected: [low, high], measured, holds}].
Json evaluate_checks(const Experiment& experiment, const std::filesystem::path& folder);

}  // namespace ravine
