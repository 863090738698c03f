#include <filesystem>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/cli/exit_code.hpp"
#include "ravine/cli/parse.hpp"
#include "ravine/cli/sweep_options.hpp"
#include "ravine/cli/terminal.hpp"
#include "ravine/cli/toml_arguments.hpp"
#include "ravine/cli/verbs.hpp"
#include "ravine/record/run_folder.hpp"
#include "ravine/report/gnuplot.hpp"
#include "ravine/report/report.hpp"
#include "ravine/report/run_figures.hpp"
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

StudyOutcome execute_verb(const ExperimentRun& run, const ReproduceOptions& options,
                          const StudyContext& context) {
  CLI::App parser;
  const StudyVerb verb = make_verb(run.verb, parser);
  toml::table table = run.options;
  if (options.quick) replace_keys(table, run.quick);
  std::vector<std::string> arguments =
      arguments_from(table, "experiment " + run.name, *verb.app, false);
  if (!table.contains("seed")) arguments.push_back(fmt::format("--seed={}", options.common.seed));
  arguments.insert(arguments.begin(), run.verb);
  try {
    parse_arguments(parser, std::move(arguments));
  } catch (const CLI::ParseError& error) {
    throw ConfigError(error_text("experiment", run.name,
                                 fmt::format("options that `ravine {}` takes", run.verb),
                                 fmt::format("'{}'", error.what())));
  }
  return verb.run(context);
}

RunOfExperiment executor(const ReproduceOptions& options) {
  return [&options](const Experiment& experiment, const ExperimentRun& run,
                    const StudyContext& context) {
    if (run.verb == "sweep") {
      execute_sweep(experiment, run, options, context);
    } else {
      execute_verb(run, options, context);
    }
    write_figures(context.folder);
  };
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

int run_reproduce_verb(const ReproduceOptions& options) {
  const CommonOptions& common = options.common;
  const std::vector<Experiment> experiments = experiments_of(options);
  require_gnuplot();
  RunFolder folder = RunFolder::create(common.out, common.force);
  ThreadTeam team(thread_count(common));
  ProgressBar bar(common.quiet);
  StudyContext context = terminal_context(bar, team, common);
  context.announce = [](const std::string&) {};
  context.folder = folder.staging();
  context.name = folder.target().filename().string();

  const StudyOutcome outcome = reproduce({options.quick, options.full, common.seed}, experiments,
                                         executor(options), context);
  write_figures(folder.staging());
  write_report({folder.staging()}, folder.staging() / "report.html");
  folder.commit();

  bar.clear();
  const Json& results = outcome.manifest["results"];
  if (common.json) {
    fmt::print("{}\n", outcome.manifest.dump(2));
  } else if (!common.quiet) {
    fmt::print("{}{}{:.1f} seconds\nreport: {}\n", failures(results["failed"]),
               headline(results["checks"], options.quick),
               outcome.manifest["timing"]["seconds"].get<double>(),
               (std::filesystem::path(common.out) / "report.html").string());
  }
  if (outcome.termination == Termination::interrupted) return exit_code_of(outcome.termination);
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
