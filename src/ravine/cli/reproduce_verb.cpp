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
  bool no_report = false;
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

/// A run with its options read, so that a mistake in the last one is said before the first runs.
struct PreparedRun {
  const Experiment* experiment;
  std::string name;
  std::shared_ptr<CLI::App> parser;  ///< holds the verb; none for a sweep
  std::function<StudyOutcome(const StudyContext&)> execute;
};

/// A quick sweep is of a plan that stands in no file.
PreparedRun prepare_sweep(const Experiment& experiment, const ExperimentRun& run,
                          const ReproduceOptions& options) {
  const PlanText text = read_plan(experiment, run);
  toml::table table = parse_toml(text.toml, text.file);
  if (options.quick) replace_keys(table, run.quick);
  const SweepPlan plan = sweep_plan_from(table, text.file, options.common.seed);
  const SweepConfig config = sweep_config_from(plan, options.quick ? "" : text.file, {});
  return {&experiment, run.name, nullptr,
          [plan, config](const StudyContext& context) { return run_sweep(plan, config, context); }};
}

PreparedRun prepare(const Experiment& experiment, const ExperimentRun& run,
                    const ReproduceOptions& options) {
  if (run.verb == "sweep") return prepare_sweep(experiment, run, options);
  const auto parser = std::make_shared<CLI::App>();
  const StudyVerb verb = make_verb(run.verb, *parser);
  toml::table table = run.options;
  if (options.quick) replace_keys(table, run.quick);
  std::vector<std::string> arguments =
      arguments_from(table, "experiment " + run.name, *verb.app, false);
  if (!table.contains("seed")) arguments.push_back(fmt::format("--seed={}", options.common.seed));
  arguments.insert(arguments.begin(), run.verb);
  std::ranges::reverse(arguments);
  parser->parse(arguments);
  return {&experiment, run.name, parser, verb.run};
}

std::vector<PreparedRun> prepare_all(const std::vector<Experiment>& experiments,
                                     const ReproduceOptions& options) {
  std::vector<PreparedRun> runs;
  for (const Experiment& experiment : experiments) {
    for (const ExperimentRun& run : experiment.runs) {
      if (std::ranges::find(runs, run.name, &PreparedRun::name) != runs.end()) {
        throw ConfigError(error_text("experiment", experiment.file, "run names that differ",
                                     fmt::format("'{}' twice", run.name)));
      }
      runs.push_back(prepare(experiment, run, options));
    }
  }
  return runs;
}

struct Reproduced {
  Json runs = Json::array();    ///< names
  Json checks = Json::array();  ///< none of a quick reproduction
};

/// A run's checks follow it at once: one of a column that is not there need not wait for the
/// others.
Reproduced run_all(const std::vector<PreparedRun>& runs, const ReproduceOptions& options,
                   const StudyContext& parent) {
  Reproduced done;
  for (const PreparedRun& run : runs) {
    if (parent.interrupted()) break;
    parent.line(fmt::format("{}: {}", run.experiment->title, run.name));
    StudyContext context = parent;
    context.folder = parent.folder / run.name;
    context.name = run.name;
    context.experiment = run.experiment->description();
    fs::create_directories(context.folder);
    run.execute(context);
    done.runs.push_back(run.name);
    if (!options.quick) {
      for (Json& check : evaluate_checks(*run.experiment, run.name, context.folder)) {
        done.checks.push_back(check);
      }
    }
    if (!options.no_report) write_figures(context.folder);
  }
  return done;
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

void print_outcome(const ReproduceOptions& options, const Json& manifest, const Json& checks,
                   double seconds) {
  if (options.common.json) {
    fmt::print("{}\n", manifest.dump(2));
    return;
  }
  if (options.common.quiet) return;
  const fs::path out(options.common.out);
  fmt::print(
      "{}{:.1f} seconds\n{}\n", headline(checks, options.quick), seconds,
      options.no_report ? "runs: " + out.string() : "report: " + (out / "report.html").string());
}

int reproduce(const ReproduceOptions& options) {
  const Timer timer;
  const CommonOptions& common = options.common;
  if (!options.no_report) require_gnuplot();
  const std::vector<Experiment> experiments = experiments_of(options);
  const std::vector<PreparedRun> runs = prepare_all(experiments, options);
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
  const Reproduced done = run_all(runs, options, context);
  manifest.results = {{"runs", done.runs}, {"checks", done.checks}};
  manifest.timing = {{"seconds", timer.elapsed_seconds()}};
  context.name = folder.target().filename().string();
  const bool interrupted = pending_signal() != 0;
  const StudyOutcome outcome = finish_study(
      context, std::move(manifest), interrupted ? Termination::interrupted : Termination::max_steps,
      interrupted ? "interrupted" : "all experiments ran");
  if (!options.no_report) {
    write_figures(folder.staging());
    write_report({folder.staging()}, folder.staging() / "report.html");
  }
  folder.commit();

  bar.clear();
  print_outcome(options, outcome.manifest, done.checks, timer.elapsed_seconds());
  if (interrupted) return exit_code_of(outcome.termination);
  return all_hold(done.checks) ? kOk : kFailure;
}

}  // namespace

void add_reproduce_verb(CLI::App& app, Action& action) {
  CLI::App* verb =
      app.add_subcommand("reproduce", "Run every experiment and write one report over all of them");
  const auto options = std::make_shared<ReproduceOptions>();
  verb->add_flag("--quick", options->quick, "Fewer epochs and iterations; numbers are not checked");
  CLI::Option* full = verb->add_flag("--full", options->full,
                                     "Also the experiments that take minutes (full = true)");
  verb->add_flag("--no-report", options->no_report,
                 "No figures and no report.html; needs no gnuplot");
  verb->add_option("--experiment", options->files,
                   "Run these experiment files instead of the built-in experiments")
      ->excludes(full);
  add_common_options(*verb, options->common, "runs/reproduce");
  verb->callback([options, &action] { action = [options] { return reproduce(*options); }; });
}

}  // namespace ravine::cli
