#include "ravine/study/reproduce.hpp"

#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/base/timer.hpp"

namespace ravine {

namespace {

namespace fs = std::filesystem;

/// What became of the runs.
struct RunRecords {
  std::vector<std::string> finished;
  Json errors = Json::array();  ///< [{run, error}], one a failed run
  Json checks = Json::array();
  std::exception_ptr first_error;  ///< of a run
};

/// What is run, with the seeds where they are the experiment's own.
std::string line_of(const PreparedRun& each) {
  std::string line = fmt::format("{}: {}", each.experiment->title, each.run->name);
  if (each.own_seeds.empty()) return line;
  return line + fmt::format(" (its own seed{}, {})", each.own_seeds.size() == 1 ? "" : "s",
                            fmt::join(each.own_seeds, ", "));
}

/// Whether it finished.
bool run_into_folder(const PreparedRun& each, const StudyContext& context, RunRecords& records) {
  const std::string& name = each.run->name;
  try {
    fs::create_directories(context.folder);
    each.execute(context);
    records.finished.push_back(name);
    return true;
  } catch (const std::exception& error) {
    if (!records.first_error) records.first_error = std::current_exception();
    records.errors.push_back({{"run", name}, {"error", error.what()}});
    context.line(fmt::format("{} failed: {}", name, error.what()));
    std::error_code ignored;
    fs::remove_all(context.folder, ignored);
    return false;
  }
}

RunRecords run_all(std::span<const PreparedRun> runs, bool checked, const StudyContext& parent) {
  RunRecords records;
  for (const PreparedRun& each : runs) {
    if (parent.interrupted()) break;
    parent.line(line_of(each));
    StudyContext context = parent;
    context.folder = parent.folder / each.run->name;
    context.name = each.run->name;
    context.experiment = each.experiment->description();
    const bool finished = run_into_folder(each, context, records);
    if (!checked) continue;
    for (Json& check : finished ? evaluate_checks(*each.experiment, context.name, context.folder)
                                : checks_of_failed(*each.experiment, context.name)) {
      records.checks.push_back(std::move(check));
    }
  }
  return records;
}

std::string message_of(const RunRecords& records, bool interrupted) {
  if (interrupted) return "interrupted";
  if (records.errors.empty()) return "all experiments ran";
  return fmt::format("{} of {} runs failed", records.errors.size(),
                     records.errors.size() + records.finished.size());
}

}  // namespace

StudyOutcome reproduce(const ReproduceConfig& config, std::span<const PreparedRun> runs,
                       const StudyContext& context) {
  const Timer timer;
  const RunRecords records = run_all(runs, !config.quick, context);
  if (records.finished.empty() && records.first_error) {
    std::rethrow_exception(records.first_error);
  }
  Manifest manifest;
  manifest.kind = "reproduce";
  manifest.configuration = {{"quick", config.quick}, {"full", config.full}, {"seed", config.seed}};
  manifest.results = {
      {"runs", records.finished}, {"failed", records.errors}, {"checks", records.checks}};
  manifest.timing = {{"seconds", timer.elapsed_seconds()}};
  const bool interrupted = context.interrupted();
  return finish_study(context, std::move(manifest),
                      interrupted ? Termination::interrupted : Termination::max_steps,
                      message_of(records, interrupted));
}

}  // namespace ravine
