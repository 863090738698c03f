#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "ravine/study/experiment.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

/// How experiments are reproduced, for the manifest; only `quick` changes what is done here.
struct ReproduceConfig {
  bool quick = false;  ///< numbers are not checked
  bool full = false;
  std::uint64_t seed = 1234;
};

/// Runs one run of an experiment into the context's folder, with its figures. Throws as the study
/// does that it runs.
using RunOfExperiment =
    std::function<void(const Experiment&, const ExperimentRun&, const StudyContext&)>;

/// Runs experiments in order, each run into the folder of its name in the context's, and writes the
/// manifest that docs/run-folder.md lists for kind `reproduce`. A run that throws is recorded with
/// its error, its folder is removed, its checks do not hold, and the others go on. Throws the first
/// error when no run finished.
StudyOutcome reproduce(const ReproduceConfig& config, std::span<const Experiment> experiments,
                       const RunOfExperiment& run, const StudyContext& context);

}  // namespace ravine
