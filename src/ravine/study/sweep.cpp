#include "ravine/study/sweep.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/diagnosis/diagnosis.hpp"
#include "ravine/kernels/instruction_set.hpp"
#include "ravine/record/csv_table.hpp"
#include "ravine/study/sweep_descent.hpp"
#include "ravine/study/sweep_table.hpp"

namespace ravine {

namespace {

namespace fs = std::filesystem;

constexpr const char* kPlanFile = "ravine-sweep.json";
constexpr double kBytesAtATime = 2e9;  // of instances that several threads work on
constexpr std::size_t kLines = 10;     // that say how far it has come

/// What decides the bytes of sweep.csv.
Json plan_json(const SweepPlan& plan, const SweepConfig& config) {
  const HostInfo host = describe_host(instruction_set(), 1);
  return {{"schema", "ravine-sweep/1"},
          {"ravine_version", host.ravine_version},
          {"instruction_set", host.instruction_set},
          {"success", config.success},
          {"options", grid_json(plan.grid)}};
}

std::string cells_text(std::size_t cells) {
  return counted(static_cast<std::int64_t>(cells), "cell");
}

/// Tells how many cells are done; for several threads.
class Countdown {
 public:
  Countdown(const StudyContext& context, std::size_t done, std::size_t total)
      : context_(context), first_(done), done_(done), total_(total) {
    if (done > 0 && done < total) {
      context.line(fmt::format("sweep: going on after {} of {}", done, cells_text(total)));
    }
    report();
  }

  void add(std::size_t cells) {
    const std::lock_guard lock(mutex_);
    const std::size_t before = done_ * kLines / total_;
    done_ += cells;
    report();
    if (done_ * kLines / total_ == before) return;
    const double elapsed = timer_.elapsed_seconds();
    const double left = elapsed * static_cast<double>(total_ - done_) /
                        static_cast<double>(std::max<std::size_t>(1, done_ - first_));
    context_.line(fmt::format("sweep: {} of {}, {:.1f} s, {:.0f} s left", done_, cells_text(total_),
                              elapsed, left));
  }

 private:
  void report() const {
    context_.progress({"cell", static_cast<std::int64_t>(done_), static_cast<std::int64_t>(total_),
                       timer_.elapsed_seconds()});
  }

  const StudyContext& context_;
  std::size_t first_, done_, total_;
  std::mutex mutex_;
  Timer timer_;
};

std::size_t cells_before(const SweepPlan& plan, std::size_t instance) {
  return instance == 0 ? 0 : plan.descents[plan.instances[instance - 1].end - 1].end;
}

std::size_t cells_of(const SweepPlan& plan, std::size_t instance) {
  return cells_before(plan, instance + 1) - cells_before(plan, instance);
}

/// Whether each thread may have an instance of its own.
bool fit_side_by_side(const SweepPlan& plan, std::size_t first, int threads) {
  if (plan.instances.size() - first < static_cast<std::size_t>(threads)) return false;
  double largest = 0;
  for (std::size_t i = first; i < plan.instances.size(); ++i) {
    const SenseConfig& config = plan.cells[cells_before(plan, i)].config;
    if (config.uses_files()) return false;
    largest = std::max(largest, instance_bytes(config));
  }
  return threads * largest <= kBytesAtATime;
}

/// Runs the instances that the table lacks.
void run_rest(const SweepPlan& plan, double success, SweepTable& table,
              const StudyContext& context) {
  const std::size_t first = table.instances_written();
  Countdown countdown(context, cells_before(plan, first), plan.cells.size());
  std::atomic<std::size_t> next = first;
  std::atomic<bool> failed = false;
  const auto work = [&](ThreadTeam& team) {
    while (!context.interrupted() && !failed) {
      const std::size_t i = next++;
      if (i >= plan.instances.size()) return;
      InstanceOutcome outcome = run_instance(plan, i, success, team, context.interrupted);
      if (outcome.cells.size() < cells_of(plan, i)) return;
      table.add(i, std::move(outcome));
      countdown.add(cells_of(plan, i));
    }
  };
  if (!fit_side_by_side(plan, first, context.team->size())) {
    work(*context.team);
    return;
  }
  context.team->run([&](int) {
    try {
      ThreadTeam alone(1);
      work(alone);
    } catch (...) {
      failed = true;
      throw;
    }
  });
}

/// Axes for the report: every option that varies, the column of its values or of its multiples, and
/// what it is a multiple of.
Json axes_json(const SweepGrid& grid) {
  Json axes = Json::array();
  for (const GridKey& key : grid.keys) {
    if (!key.is_axis) continue;
    const bool is_multiple = !key.of.empty();
    axes.push_back({{"option", key.name},
                    {"column", is_multiple ? multiple_column_of(key) : column_of(key)},
                    {"of", key.of}});
  }
  return axes;
}

Json results_json(const SweepPlan& plan, const fs::path& folder) {
  const CsvTable table = CsvTable::read(folder / "sweep.csv");
  const std::vector<double> success = table.numbers("success");
  const std::vector<std::string> outcomes = table.texts("outcome");
  return {{"cells", plan.cells.size()},
          {"instances", plan.instances.size()},
          {"runs", plan.descents.size()},
          {"cells_done", success.size()},
          {"succeeded", std::ranges::count(success, 1.0)},
          {"diverged", std::ranges::count(outcomes, "diverged")},
          {"axes", axes_json(plan.grid)}};
}

}  // namespace

void check(const SweepConfig& config) {
  OptionCheck options("sweep");
  options.demand(std::isfinite(config.success) && config.success > 0, "success",
                 "a positive relative error", config.success);
  options.report();
}

GrowingFolder open_sweep_folder(const fs::path& path, const SweepPlan& plan,
                                const SweepConfig& config, bool force) {
  GrowingFolder folder = GrowingFolder::open(path, kPlanFile, force);
  const fs::path plan_file = folder.path() / kPlanFile;
  const std::string text = plan_json(plan, config).dump(2) + "\n";
  if (!fs::exists(plan_file)) {
    write_file_atomically(plan_file, text);
  } else if (read_file(plan_file) != text) {
    throw ConfigError(error_text("sweep", path.string(),
                                 "the plan and the program that it was begun with", "others",
                                 "another --out, or --force to begin anew"));
  }
  return folder;
}

StudyOutcome run_sweep(const SweepPlan& plan, const SweepConfig& config,
                       const StudyContext& context) {
  const Timer timer;
  std::error_code ignored;
  fs::remove(context.folder / kManifestFile, ignored);  // of the part before an interruption
  SweepTable table(context.folder, plan, config.success);
  context.announce(fmt::format("{}, {} on {}\n", cells_text(plan.cells.size()),
                               counted(std::ssize(plan.descents), "run"),
                               counted(std::ssize(plan.instances), "instance")));
  run_rest(plan, config.success, table, context);
  table.close();

  Manifest manifest;
  manifest.kind = "sweep";
  manifest.configuration = {{"plan", nullptr}, {"success", config.success}};
  if (!config.file.empty()) manifest.configuration["plan"] = config.file;
  manifest.configuration.update(grid_json(plan.grid));
  manifest.timing = {{"seconds", timer.elapsed_seconds()}};
  manifest.results = results_json(plan, context.folder);
  const std::size_t done = manifest.results["cells_done"].get<std::size_t>();
  if (done < plan.cells.size()) {
    return finish_study(
        context, std::move(manifest), Termination::interrupted,
        fmt::format("interrupted after {} of {}", done, cells_text(plan.cells.size())));
  }
  const bool none_left = manifest.results["diverged"].get<std::size_t>() == done;
  return finish_study(context, std::move(manifest),
                      none_left ? Termination::diverged : Termination::max_steps,
                      none_left ? "every run diverged" : "all cells were run");
}

}  // namespace ravine
