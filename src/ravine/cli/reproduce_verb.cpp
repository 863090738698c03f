#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/cli/exit_code.hpp"
#include "ravine/cli/interrupt.hpp"
#include "ravine/cli/parse.hpp"
#include "ravine/cli/sweep_options.hpp"
#include "ravine/cli/terminal.hpp"
#include "ravine/cli/toml_arguments.hpp"
#include "ravine/cli/verbs.hpp"
#include "ravine/record/run_folder.hpp"
#include "ravine/report/gnuplot.hpp"
#include "ravine/report/report.hpp"
#include "ravine/study/reproduce.hpp"

namespace ravine::cli {

namespace {

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

/// "a.toml [[run]] 'NAME', WHAT", for an error.
std::string place_of(const Experiment& experiment, const ExperimentRun& run,
                     std::string_view what) {
  return fmt::format("{} [[run]] '{}', {}", experiment.file, run.name, what);
}

StudyVerb make_verb(const Experiment& experiment, const ExperimentRun& run, CLI::App& parent) {
  if (run.verb == "train") return make_train_verb(parent);
  if (run.verb == "sense") return make_sense_verb(parent);
  if (run.verb == "landscape") return make_landscape_verb(parent);
  if (run.verb == "slice") return make_slice_verb(parent);
  throw ConfigError(error_text("experiment", place_of(experiment, run, "verb"),
                               "train, sense, landscape, slice or sweep",
                               fmt::format("'{}'", run.verb)));
}

/// Those in a table of a run must say what is run.
void demand_options(const toml::table& table, const CLI::App& verb, const Experiment& experiment,
                    const ExperimentRun& run) {
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    const bool known = verb.get_option_no_throw("--" + name) != nullptr;
    if (known && !says_how_to_run(name)) continue;
    throw ConfigError(
        error_text("experiment", place_of(experiment, run, name),
                   fmt::format("a long option of `ravine {}` that says what is computed", run.verb),
                   known ? "one of where or how it runs" : "an unknown one",
                   known ? "`ravine reproduce` says that for all runs" : ""));
  }
}

void replace_keys(toml::table& table, const toml::table& others) {
  for (const auto& [key, value] : others) table.insert_or_assign(key, value);
}

/// Those that the table of a plan names, if it does.
std::vector<std::string> own_seeds(const toml::table& table, const SweepGrid& grid) {
  std::vector<std::string> seeds;
  if (!table.contains("seed")) return seeds;
  for (const GridValue& value : grid.find("seed")->values) seeds.push_back(value.text);
  return seeds;
}

/// A quick sweep is of a plan that stands in no file.
PreparedRun prepare_sweep(const Experiment& experiment, const ExperimentRun& run,
                          const ReproduceOptions& options) {
  const PlanText text = read_plan(experiment, run);
  toml::table table = parse_toml(text.toml, text.file);
  if (options.quick) replace_keys(table, run.quick);
  const SweepPlan plan = sweep_plan_from(table, text.file, options.common.seed);
  const SweepConfig config = sweep_config_from(plan, options.quick ? "" : text.file, {});
  return {&experiment, &run,
          [plan, config](const StudyContext& context) { run_sweep(plan, config, context); },
          own_seeds(table, plan.grid)};
}

PreparedRun prepare(const Experiment& experiment, const ExperimentRun& run,
                    const ReproduceOptions& options) {
  if (run.verb == "sweep") return prepare_sweep(experiment, run, options);
  const auto parser = std::make_shared<CLI::App>();  // holds what the verb reads
  const StudyVerb verb = make_verb(experiment, run, *parser);
  demand_options(run.options, *verb.app, experiment, run);
  demand_options(run.quick, *verb.app, experiment, run);
  toml::table table = run.options;
  if (options.quick) replace_keys(table, run.quick);
  std::vector<std::string> arguments =
      arguments_from(table, place_of(experiment, run, "options"), *verb.app, false);
  if (!table.contains("seed")) arguments.push_back(fmt::format("--seed={}", options.common.seed));
  arguments.insert(arguments.begin(), run.verb);
  try {
    parse_arguments(*parser, std::move(arguments));
  } catch (const ConfigError& error) {
    throw ConfigError(fmt::format("{}; in {}", error.what(), place_of(experiment, run, "options")));
  } catch (const CLI::ParseError& error) {
    throw ConfigError(error_text("experiment", place_of(experiment, run, "options"),
                                 fmt::format("options that `ravine {}` takes", run.verb),
                                 fmt::format("'{}'", error.what())));
  }
  const auto own_seed = table["seed"].value<std::int64_t>();
  return {&experiment, &run,
          [parser, run = verb.run](const StudyContext& context) { run(context); },
          own_seed ? std::vector{fmt::format("{}", *own_seed)} : std::vector<std::string>()};
}

std::vector<PreparedRun> prepare_all(const std::vector<Experiment>& experiments,
                                     const ReproduceOptions& options) {
  std::vector<PreparedRun> runs;
  for (const Experiment& experiment : experiments) {
    for (const ExperimentRun& run : experiment.runs) {
      const auto has_name = [&](const PreparedRun& other) { return other.run->name == run.name; };
      if (std::ranges::any_of(runs, has_name)) {
        throw ConfigError(error_text("experiment", experiment.file, "run names that differ",
                                     fmt::format("'{}' twice", run.name)));
      }
      runs.push_back(prepare(experiment, run, options));
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

std::string failures(const Json& failed) {
  std::string text;
  for (const Json& each : failed) {
    text += fmt::format("FAILED {}: {}\n", each["run"].get<std::string>(),
                        each["error"].get<std::string>());
  }
  return text;
}

void print_outcome(const ReproduceOptions& options, const Json& manifest, bool has_report) {
  if (options.common.json) {
    fmt::print("{}\n", manifest.dump(2));
    return;
  }
  if (options.common.quiet) return;
  const Json& results = manifest["results"];
  fmt::print("{}{}{:.1f} seconds\n{}\n", failures(results["failed"]),
             headline(results["checks"], options.quick),
             manifest["timing"]["seconds"].get<double>(),
             place_text(options.common.out, has_report));
}

int run_reproduce_verb(const ReproduceOptions& options) {
  catch_signals();
  const CommonOptions& common = options.common;
  if (!common.no_report) require_gnuplot();
  const std::vector<Experiment> experiments = experiments_of(options);
  const std::vector<PreparedRun> runs = prepare_all(experiments, options);
  RunFolder folder = RunFolder::create(common.out, common.force);
  ThreadTeam team(thread_count(common));
  ProgressBar bar(common.quiet);
  StudyContext context = terminal_context(bar, team, common);
  context.announce = [](const std::string&) {};
  context.folder = folder.staging();
  context.name = folder.target().filename().string();

  const StudyOutcome outcome = reproduce({options.quick, options.full, common.seed}, runs, context);
  const std::exception_ptr unreported = publish(folder, !common.no_report);

  bar.clear();
  print_outcome(options, outcome.manifest, !common.no_report && !unreported);
  if (unreported) std::rethrow_exception(unreported);
  if (outcome.termination == Termination::interrupted) return exit_code_of(outcome.termination);
  const Json& results = outcome.manifest["results"];
  return results["failed"].empty() && all_hold(results["checks"]) ? kOk : kFailure;
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
  verb->get_option("--seed")->description(
      "Seed of all random numbers, but of the runs whose experiment fixes one, as exact-rank and "
      "implicit-regularisation do for the numbers that they check, and of sweeps over seeds");
  verb->callback(
      [options, &action] { action = [options] { return run_reproduce_verb(*options); }; });
}

}  // namespace ravine::cli
