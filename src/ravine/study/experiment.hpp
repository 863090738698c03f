#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "ravine/record/manifest.hpp"
#include "ravine/study/experiment_check.hpp"

namespace ravine {

/// One run of an experiment: a verb with its options, or a sweep by its plan.
struct ExperimentRun {
  std::string name;     ///< of its folder
  std::string verb;     ///< "train", "sense", "landscape", "slice" or "sweep"
  toml::table options;  ///< keys are the verb's long options; none for a sweep
  std::string plan;     ///< file of a sweep's plan, from the experiment's folder
  toml::table quick;    ///< options, or keys of the plan, that replace them in a quick reproduction
};

/// A question with the runs that answer it and the numbers they must show, from
/// `experiments/*.toml`.
struct Experiment {
  std::string id;
  std::string title;
  std::string question;
  std::string notebook;  ///< what the course notebook had and what was wrong with it
  bool full = false;     ///< takes minutes: `ravine reproduce` runs it with --full only
  std::string file;      ///< it was read from; of a built-in one, from experiments/ of the sources
  bool built_in = false;
  std::vector<ExperimentRun> runs;
  std::vector<ExperimentCheck> checks;

  Json description() const;  ///< {id, title, question, notebook} for the manifests
};

/// Reads an experiment. Throws ConfigError naming `source` and what is missing or unknown, or what
/// cannot be: two runs of one name, a name that is no folder's, a check of a run there is not.
Experiment parse_experiment(std::string_view toml, const std::string& source);

/// The experiments built into the program, in the report's order.
std::vector<Experiment> built_in_experiments();

/// A sweep's plan as TOML, and the file that it stands in: built in like its experiment, or else
/// beside that.
struct PlanText {
  std::string toml;
  std::string file;
};

/// Throws ConfigError for a built-in plan that there is not, IoError for a file.
PlanText read_plan(const Experiment& experiment, const ExperimentRun& run);

/// Outcome of the checks of a run that is in `folder`: [{experiment, run, what, expected: [low,
/// high], measured, holds}]. Throws ConfigError for a check of a table or column that the run has
/// not written, naming those it has.
Json evaluate_checks(const Experiment& experiment, const std::string& run,
                     const std::filesystem::path& folder);

/// The same of a run that failed: nothing is measured, and none holds.
Json checks_of_failed(const Experiment& experiment, const std::string& run);

}  // namespace ravine
