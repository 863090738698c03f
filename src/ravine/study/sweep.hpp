#pragma once

#include <filesystem>
#include <string>

#include "ravine/record/run_folder.hpp"
#include "ravine/study/study.hpp"
#include "ravine/study/sweep_plan.hpp"

namespace ravine {

struct SweepConfig {
  std::string file;       ///< the plan's, as it was given; empty: it stands in none
  double success = 1e-3;  ///< a run succeeds when it ends with a relative error of at most this
};

/// Throws ConfigError.
void check(const SweepConfig& config);

/// The folder where a sweep grows, with its plan in it as ravine-sweep.json. A folder with the same
/// plan goes on where it stopped; `force` begins anew, there and in the place of an older run.
/// Throws ConfigError when the folder holds a sweep of another plan, IoError when it exists and
/// holds something else, cannot be made, or another process works in it.
GrowingFolder open_sweep_folder(const std::filesystem::path& path, const SweepPlan& plan,
                                const SweepConfig& config, bool force);

/// Runs what is left of the plan, many small instances at a time, each by one thread, or a large
/// one at a time by the whole team: the same bytes in sweep.csv either way, and those of a `sense`
/// run of each cell. Writes what docs/run-folder.md lists for kind `sweep`, but for figures and
/// report. Throws as run_sense() does; what was finished stays in the folder.
StudyOutcome run_sweep(const SweepPlan& plan, const SweepConfig& config,
                       const StudyContext& context);

}  // namespace ravine
