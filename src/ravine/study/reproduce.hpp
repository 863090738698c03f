#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ravine/study/experiment.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

/// How experiments are reproduced, for the manifest; only `quick` changes what is done here.
struct ReproduceConfig {
  bool quick = false;  ///< numbers are not checked
  bool full = false;
  std::uint64_t seed = 1234;
};

/// A run of an experiment with its options read, so that a mistake in the last one is said before
/// the first runs. Both pointers must outlive it.
struct PreparedRun {
  const Experiment* experiment;
  const ExperimentRun* run;
  /// Runs into the context's folder, with figures where they are wanted; throws as its study does.
  std::function<void(const StudyContext&)> execute;
  /// Where they are the experiment's own or its plan's, as they are written there.
  std::vector<std::string> own_seeds = {};
};

/// Runs in order, each into the folder of its name in the context's, and writes the manifest that
/// docs/run-folder.md lists for kind `reproduce`. A run's checks follow it at once. A run that
/// throws is recorded with its error, its folder is removed, its checks do not hold, and the others
/// go on. Throws the first error when no run finished, ConfigError for a check of a table or column
/// that its run has not written.
StudyOutcome reproduce(const ReproduceConfig& config, std::span<const PreparedRun> runs,
                       const StudyContext& context);

}  // namespace ravine
