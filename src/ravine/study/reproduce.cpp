#include "ravine/study/reproduce.hpp"

#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/timer.hpp"

namespace ravine {

namespace {

namespace fs = std::filesystem;

/// What became of the runs.
struct RunRecords {
  std::vector<std::string> finished;
  std::vector<std::string> failed;
  Json errors = Json::array();     ///< [{run, error}], one a failed run
  std::exception_ptr first_error;  ///< of a run
};

/// What is run, with the seed where it is the experiment's own.
std::string line_of(const Experiment& experiment, const ExperimentRun& run) {
  const auto seed = run.options["seed"].value<std::int64_t>();
  return fmt::format("{}: {}{}", experiment.title, run.name,
                     seed ? fmt::format(" (its own seed, {})", *seed) : "");
}

void run_into_folder(const Experiment& experiment, const ExperimentRun& run,
                     const RunOfExperiment& execute, const StudyContext& parent,
                     RunRecords& records) {
  StudyContext context = parent;
  context.folder = parent.folder / run.name;
  context.name = run.name;
  context.experiment = experiment.description();
  try {
    fs::create_directories(context.folder);
    execute(experiment, run, context);
    records.finished.push_back(run.name);
  } catch (const std::exception& error) {
    if (!records.first_error) records.first_error = std::current_exception();
    records.failed.push_back(run.name);
    records.errors.push_back({{"run", run.name}, {"error", error.what()}});
    parent.line(fmt::format("{} failed: {}", run.name, error.what()));
    std::error_code ignored;
    fs::remove_all(context.folder, ignored);
  }
}

RunRecords run_all(std::span<const Experiment> experiments, const RunOfExperiment& execute,
                   const StudyContext& context) {
  RunRecords records;
  for (const Experiment& experiment : experiments) {
    for (const ExperimentRun& run : experiment.runs) {
      if (context.interrupted()) return records;
      context.line(line_of(experiment, run));
      run_into_folder(experiment, run, execute, context, records);
    }
  }
  return records;
}

std::string message_of(const RunRecords& records, bool interrupted) {
  if (interrupted) return "interrupted";
  if (records.failed.empty()) return "all experiments ran";
  return fmt::format("{} of {} runs failed", records.failed.size(),
                     records.failed.size() + records.finished.size());
}

}  // namespace

StudyOutcome reproduce(const ReproduceConfig& config, std::span<const Experiment> experiments,
                       const RunOfExperiment& run, const StudyContext& context) {
  const Timer timer;
  const RunRecords records = run_all(experiments, run, context);
  if (records.finished.empty() && records.first_error) {
    std::rethrow_exception(records.first_error);
  }
  Manifest manifest;
  manifest.kind = "reproduce";
  manifest.configuration = {{"quick", config.quick}, {"full", config.full}, {"seed", config.seed}};
  manifest.results = {
      {"runs", records.finished}, {"failed", records.errors}, {"checks", Json::array()}};
  for (const Experiment& experiment : experiments) {
    if (config.quick) break;
    for (Json& check : evaluate_checks(experiment, context.folder, records.failed)) {
      manifest.results["checks"].push_back(std::move(check));
    }
  }
  manifest.timing = {{"seconds", timer.elapsed_seconds()}};
  const bool interrupted = context.interrupted();
  return finish_study(context, std::move(manifest),
                      interrupted ? Termination::interrupted : Termination::max_steps,
                      message_of(records, interrupted));
}

}  // namespace ravine
