#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/cli/exit_code.hpp"
#include "ravine/cli/interrupt.hpp"
#include "ravine/cli/sweep_options.hpp"
#include "ravine/cli/terminal.hpp"
#include "ravine/cli/toml_arguments.hpp"
#include "ravine/cli/verbs.hpp"
#include "ravine/kernels/instruction_set.hpp"
#include "ravine/record/run_folder.hpp"
#include "ravine/report/gnuplot.hpp"
#include "ravine/report/report.hpp"
#include "ravine/report/run_figures.hpp"
#include "ravine/study/experiment.hpp"

namespace ravine::cli {

namespace {

namespace fs = std::filesystem;

struct ReproduceOptions {
  CommonOptions common;
  bool quick = false;
  bool full = false;
  std::vector<std::string> files;  ///< of experiments; none: the built-in ones
};

std::vector<Experiment> experiments_of(const ReproduceOptions& options) {
  std::vector<Experiment> experiments;
  if (options.files.empty()) {
    experiments = built_in_experiments();
    std::erase_if(experiments, [&](const Experiment& each) { return each.full && !options.full; });
  }
  for (const std::string& file : options.files) {
    experiments.push_back(parse_experiment(read_file(file), file));
  }
  return experiments;
}

StudyVerb make_verb(const std::string& name, CLI::App& parent) {
  if (name == "train") return make_train_verb(parent);
  if (name == "sense") return make_sense_verb(parent);
  if (name == "landscape") return make_landscape_verb(parent);
  if (name == "slice") return make_slice_verb(parent);
  throw ConfigError(
      error_text("experiment", "verb", "train, sense, landscape, slice or sweep", name));
}

void replace_keys(toml::table& table, const toml::table& others) {
  for (const auto& [key, value] : others) table.insert_or_assign(key, value);
}

/// A quick sweep is of a plan that stands in no file.
StudyOutcome execute_sweep(const Experiment& experiment, const ExperimentRun& run,
                           const ReproduceOptions& options, const StudyContext& context) {
  const PlanText text = read_plan(experiment, run);
  toml::table table = parse_toml(text.toml, text.file);
  if (options.quick) replace_keys(table, run.quick);
  const SweepPlan plan = sweep_plan_from(table, text.file, options.common.seed);
  return run_sweep(plan, sweep_config_from(plan, options.quick ? "" : text.file, {}), context);
}

StudyOutcome execute(const ExperimentRun& run, const ReproduceOptions& options,
                     const StudyContext& context) {
  CLI::App parser;
  const StudyVerb verb = make_verb(run.verb, parser);
  toml::table table = run.options;
  if (options.quick) replace_keys(table, run.quick);
  std::vector<std::string> arguments =
      arguments_from(table, "experiment " + run.name, *verb.app, false);
  if (!table.contains("seed")) arguments.push_back(fmt::format("--seed={}", options.common.seed));
  arguments.insert(arguments.begin(), run.verb);
  std::ranges::reverse(arguments);
  parser.parse(arguments);
  return verb.run(context);
}

Json run_experiments(const std::vector<Experiment>& experiments, const ReproduceOptions& options,
                     const StudyContext& parent) {
  Json runs = Json::array();
  for (const Experiment& experiment : experiments) {
    for (const ExperimentRun& run : experiment.runs) {
      if (parent.interrupted()) return runs;
      parent.line(fmt::format("{}: {}", experiment.title, run.name));
      StudyContext context = parent;
      context.folder = parent.folder / run.name;
      context.name = run.name;
      context.experiment = experiment.description();
      fs::create_directories(context.folder);
      if (run.verb == "sweep") {
        execute_sweep(experiment, run, options, context);
      } else {
        execute(run, options, context);
      }
      write_figures(context.folder);
      runs.push_back(run.name);
    }
  }
  return runs;
}

std::string headline(const Json& checks, bool quick) {
  std::string text;
  int held = 0;
  for (const Json& check : checks) {
    const bool holds = check["holds"].get<bool>();
    held += holds;
    text += fmt::format(
        "{} {:<60} {:>10}   {}\n", holds ? "ok " : "OFF", check["what"].get<std::string>(),
        check["measured"].is_number() ? fmt::format("{:.4g}", check["measured"].get<double>())
                                      : "-",
        fmt::format("{:g} to {:g}", check["expected"][0].get<double>(),
                    check["expected"][1].get<double>()));
  }
  if (quick) return "quick run: numbers are not checked\n";
  return text + fmt::format("{} of {} numbers are where they are expected\n", held, checks.size());
}

bool all_hold(const Json& checks) {
  return std::ranges::all_of(checks, [](const Json& check) { return check["holds"].get<bool>(); });
}

int reproduce(const ReproduceOptions& options) {
  const Timer timer;
  const CommonOptions& common = options.common;
  require_gnuplot();
  const std::vector<Experiment> experiments = experiments_of(options);
  RunFolder folder = RunFolder::create(common.out, common.force);
  ThreadTeam team(thread_count(common));
  ProgressBar bar(common.quiet);
  StudyContext context = terminal_context(bar, team, common);
  context.announce = [](const std::string&) {};
  context.folder = folder.staging();

  Manifest manifest;
  manifest.kind = "reproduce";
  manifest.configuration = {
      {"quick", options.quick}, {"full", options.full}, {"seed", common.seed}};
  manifest.results["runs"] = run_experiments(experiments, options, context);
  Json checks = Json::array();
  for (const Experiment& experiment : experiments) {
    if (options.quick) break;
    for (Json& check : evaluate_checks(experiment, folder.staging())) checks.push_back(check);
  }
  manifest.results["checks"] = checks;
  manifest.timing = {{"seconds", timer.elapsed_seconds()}};
  context.name = folder.target().filename().string();
  const bool interrupted = pending_signal() != 0;
  const StudyOutcome outcome = finish_study(
      context, std::move(manifest), interrupted ? Termination::interrupted : Termination::max_steps,
      interrupted ? "interrupted" : "all experiments ran");
  write_figures(folder.staging());
  write_report({folder.staging()}, folder.staging() / "report.html");
  folder.commit();

  bar.clear();
  if (common.json) {
    fmt::print("{}\n", outcome.manifest.dump(2));
  } else if (!common.quiet) {
    fmt::print("{}{:.1f} seconds\nreport: {}\n", headline(checks, options.quick),
               timer.elapsed_seconds(), (fs::path(common.out) / "report.html").string());
  }
  if (interrupted) return exit_code_of(outcome.termination);
  return all_hold(checks) ? kOk : kFailure;
}

}  // namespace

void add_reproduce_verb(CLI::App& app, Action& action) {
  CLI::App* verb =
      app.add_subcommand("reproduce", "Run every experiment and write one report over all of them");
  const auto options = std::make_shared<ReproduceOptions>();
  verb->add_flag("--quick", options->quick, "Fewer epochs and iterations; numbers are not checked");
  CLI::Option* full = verb->add_flag("--full", options->full,
                                     "Also the experiments that take minutes (full = true)");
  verb->add_option("--experiment", options->files,
                   "Run these experiment files instead of the built-in experiments")
      ->excludes(full);
  add_common_options(*verb, options->common, "runs/reproduce");
  verb->callback([options, &action] { action = [options] { return reproduce(*options); }; });
}

}  // namespace ravine::cli
