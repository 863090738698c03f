#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/cli/interrupt.hpp"
#include "ravine/cli/sweep_options.hpp"
#include "ravine/cli/terminal.hpp"
#include "ravine/cli/toml_arguments.hpp"
#include "ravine/cli/verbs.hpp"
#include "ravine/diagnosis/diagnosis.hpp"
#include "ravine/report/gnuplot.hpp"
#include "ravine/report/report.hpp"

namespace ravine::cli {

namespace {

struct SweepOptions {
  CommonOptions common;
  std::string file;
  std::optional<double> success;
};

std::string summary(const Json& manifest) {
  const Json& results = manifest["results"];
  return fmt::format("{} of {} done, {} succeeded (relative error at most {}), {} diverged\n",
                     results["cells_done"].get<std::size_t>(),
                     counted(results["cells"].get<std::int64_t>(), "cell"),
                     results["succeeded"].get<std::size_t>(),
                     manifest["configuration"]["success"].get<double>(),
                     results["diverged"].get<std::size_t>());
}

/// {title, question} for the report; null for none.
Json description_of(const SweepGrid& grid) {
  Json description = nullptr;
  if (!grid.title.empty()) description["title"] = grid.title;
  if (!grid.question.empty()) description["question"] = grid.question;
  return description;
}

/// A seed that was given must be the one of every cell.
void demand_seed(const SweepPlan& plan, const SweepOptions& options) {
  const GridKey* seeds = plan.grid.find("seed");
  const std::string given = fmt::format("{}", options.common.seed);
  if (seeds->values.size() == 1 && seeds->values.front().text == given) return;
  throw ConfigError(error_text("sweep", "--seed", "none where the file has its own", given,
                               fmt::format("change seed in {}", options.file)));
}

/// One of an earlier part would show fewer cells than there are.
void remove_report(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::remove(folder / "report.html", ignored);
  std::filesystem::remove_all(folder / "figures", ignored);
}

int sweep(const SweepOptions& options, bool seed_given) {
  catch_signals();
  const CommonOptions& common = options.common;
  const SweepPlan plan = sweep_plan_from(read_toml(options.file), options.file, common.seed);
  const SweepConfig config = sweep_config_from(plan, options.file, options.success);
  if (seed_given) demand_seed(plan, options);
  if (!common.no_report) require_gnuplot();
  ThreadTeam team(thread_count(common));
  ProgressBar bar(common.quiet);
  StudyContext context = terminal_context(bar, team, common);
  const GrowingFolder folder = open_sweep_folder(common.out, plan, config, common.force);
  context.folder = folder.path();
  context.name = context.folder.filename().string();
  context.experiment = description_of(plan.grid);

  const StudyOutcome outcome = run_sweep(plan, config, context);
  if (common.no_report) {
    remove_report(context.folder);
  } else {
    write_report_into(context.folder);
  }

  bar.clear();
  if (common.json) {
    fmt::print("{}\n", outcome.manifest.dump(2));
  } else if (!common.quiet) {
    fmt::print("{}{}\n", summary(outcome.manifest), place_text(common.out, !common.no_report));
    if (outcome.termination == Termination::interrupted) {
      fmt::print("the same command goes on where this stopped\n");
    }
  }
  return exit_code_of(outcome.termination);
}

}  // namespace

void add_sweep_verb(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand(
      "sweep", "Run `sense` over a grid of its options into one table; goes on where it stopped");
  const auto options = std::make_shared<SweepOptions>();
  verb->add_option("FILE", options->file,
                   "TOML file whose keys are the long options of `ravine sense`; arrays are axes")
      ->required();
  verb->add_option("--success", options->success,
                   "A run succeeds with a relative error of at most this (default: success in the "
                   "file, else 0.001)");
  add_common_options(*verb, options->common, "runs/sweep");
  const CLI::Option* seed =
      verb->get_option("--seed")->description("Seed of all random numbers, for a FILE without one");
  verb->callback([options, seed, &action] {
    action = [options, seed] { return sweep(*options, seed->count() > 0); };
  });
}

}  // namespace ravine::cli
