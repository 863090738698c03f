#include "ravine/study/sense.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/option_check.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/data/npz.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/study/minimum_norm.hpp"
#include "ravine/study/sense_recorder.hpp"
#include "ravine/study/sense_start.hpp"

namespace ravine {

namespace {

constexpr double kDivergenceFactor = 1e6;
constexpr double kMinimumNormTolerance = 1e-10;
constexpr int kMinimumNormIterations = 20'000;

bool uses_files(const SenseConfig& config) { return config.measurement_file.has_value(); }

Json configuration_of(const SenseConfig& config, const SensingInstance& instance) {
  Json json = {{"dimension", instance.dimension()},
               {"measurements", instance.ensemble.count()},
               {"rank", config.rank},
               {"start", name_of(config.start)},
               {"alpha", alphas_of(config)},
               {"iterations", config.iterations},
               {"target-error", config.target_error},
               {"singular-values", config.singular_values},
               {"singular-values-every", config.singular_values_every},
               {"minimum-norm", config.minimum_norm},
               {"rule", config.rule.name},
               {"seed", config.instance.seed}};
  const RuleEntry& entry = entry_of(config.rule, sensing_rules());
  for (const auto& [name, value] : resolved_options(config.rule, entry)) json[name] = value;
  if (config.learning_rate) {
    json["learning-rate"] = *config.learning_rate;
  } else {
    json["step"] = config.step.value_or(entry.default_step);
  }
  const auto add_path = [&](const char* key, const std::optional<std::filesystem::path>& path) {
    if (path) json[key] = path->string();
  };
  if (uses_files(config)) {
    add_path("measurement-file", config.measurement_file);
    add_path("value-file", config.value_file);
    add_path("truth-file", config.truth_file);
  } else {
    json["true-rank"] = config.instance.true_rank;
    if (config.instance.condition_number) {
      json["condition-number"] = *config.instance.condition_number;
    } else {
      json["truth-entries"] = name_of(config.instance.truth_entries);
    }
    json["noise"] = config.instance.noise;
  }
  add_path("initial-file", config.initial_file);
  return json;
}

Json member_json(double alpha, const MemberResult& result, const SenseMemberSummary& summary,
                 bool with_truth) {
  Json json = {{"alpha", alpha},
               {"termination", name_of(result.termination)},
               {"message", result.message},
               {"iterations", result.steps},
               {"loss", result.loss},
               {"gradient_norm", result.gradient_norm},
               {"singular_values", summary.singular_values}};
  if (!with_truth) return json;
  json["distance"] = summary.distance;
  json["relative_error"] = summary.relative_error;
  for (std::size_t level = 0; level < kErrorLevels.size(); ++level) {
    static constexpr const char* kNames[] = {"1e-3", "1e-6", "1e-10"};
    const auto& reached = summary.iterations_to[level];
    json["iterations_to"][kNames[level]] = reached ? Json(*reached) : Json(nullptr);
  }
  return json;
}

/// The eta that c = 1 stands for.
double step_unit(StepUnit unit, const SensingInstance& instance) {
  switch (unit) {
    case StepUnit::curvature:
      return 1 / instance.sigma_1;
    case StepUnit::entry:
      return std::sqrt(instance.sigma_1 / static_cast<double>(instance.dimension()));
    case StepUnit::none:
      break;
  }
  return 1;
}

double relative_distance(std::span<const double> x, std::span<const double> truth) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    difference += (x[i] - truth[i]) * (x[i] - truth[i]);
    norm += truth[i] * truth[i];
  }
  return std::sqrt(difference / norm);
}

void write_arrays(const std::filesystem::path& path, const ParameterLayout& layout,
                  std::span<const double> parameters, std::span<const double> truth) {
  std::vector<NamedArray> entries;
  for (const ParameterBlock& block : layout.blocks()) {
    entries.push_back(
        {block.name, {{block.rows, block.cols}, parameters.subspan(block.offset, block.size())}});
  }
  if (!truth.empty()) {
    const std::size_t d = layout.blocks().front().rows;
    entries.push_back({"X_true", {{d, d}, truth}});
  }
  write_npz(path, entries);
}

}  // namespace

void check(const SenseConfig& config) {
  OptionCheck options("sense");
  const RandomSensingConfig& instance = config.instance;
  if (!uses_files(config)) {
    options.demand(instance.dimension >= 1 && instance.dimension <= 5000, "dimension", "1 to 5000",
                   instance.dimension);
    options.demand(instance.true_rank >= 1 && instance.true_rank <= instance.dimension, "true rank",
                   fmt::format("1 to the dimension {}", instance.dimension), instance.true_rank);
    options.demand(instance.measurements >= 1 && instance.measurements <= 100'000'000,
                   "measurements", "1 to 100000000", instance.measurements);
    options.demand(config.rank <= instance.dimension, "rank",
                   fmt::format("at most the dimension {}", instance.dimension), config.rank);
    const double condition = instance.condition_number.value_or(1);
    options.demand(std::isfinite(condition) && condition >= 1, "condition number", "1 or more",
                   condition);
    options.demand(instance.true_rank > 1 || condition == 1, "condition number",
                   "1 for a matrix of rank 1", condition);
    options.demand(std::isfinite(instance.noise) && instance.noise >= 0, "noise", "0 or more",
                   instance.noise);
    options.demand(!config.value_file && !config.truth_file, "value file and truth file",
                   "a measurement file with them", "none", "give --measurement-file");
  } else {
    options.demand(config.value_file.has_value(), "value file", "one with the measurement file",
                   "none", "give --value-file");
  }
  options.demand(config.rank >= 1, "rank", "at least 1", config.rank);
  options.demand((config.start == Start::file) == config.initial_file.has_value(), "initial file",
                 "one with the start from a file, and only then",
                 config.initial_file ? "one" : "none");
  options.demand(config.start != Start::saddle || !uses_files(config) || config.truth_file, "start",
                 "a truth file to take the saddle from", "none", "give --truth-file");
  for (const double alpha : config.alphas) {
    options.demand(std::isfinite(alpha) && alpha > 0, "alpha", "a positive number", alpha);
  }
  std::vector<double> sorted = config.alphas;
  std::ranges::sort(sorted);
  options.demand(std::ranges::adjacent_find(sorted) == sorted.end(), "alpha", "different values",
                 "one given twice");
  options.demand(config.alphas.size() <= 64, "alpha", "at most 64 values", config.alphas.size());
  check(config.rule, sensing_rules(), options);
  options.demand(!config.step || (std::isfinite(*config.step) && *config.step > 0), "step",
                 "a positive number", config.step.value_or(0));
  options.demand(
      !config.learning_rate || (std::isfinite(*config.learning_rate) && *config.learning_rate > 0),
      "learning rate", "a positive number", config.learning_rate.value_or(0));
  options.demand(config.iterations >= 0 && config.iterations <= 1'000'000'000, "iterations",
                 "0 to 1000000000", config.iterations);
  options.demand(config.singular_values_every >= 1, "singular values every", "at least 1",
                 config.singular_values_every);
  options.demand(std::isfinite(config.target_error) && config.target_error >= 0, "target error",
                 "0 or more", config.target_error);
  options.demand(config.target_error == 0 || !uses_files(config) || config.truth_file,
                 "target error", "a truth file to measure it against", "none", "give --truth-file");
  options.report();
}

StudyOutcome run_sense(const SenseConfig& config, const StudyContext& context) {
  check(config);
  const Timer setup_timer;
  ThreadTeam& team = *context.team;
  const SensingInstance instance =
      uses_files(config)
          ? read_instance(*config.measurement_file, *config.value_file, config.truth_file, team)
          : random_instance(config.instance, team);
  if (config.rank > instance.dimension()) {
    throw ConfigError(error_text("sense", "rank",
                                 fmt::format("at most the dimension {}", instance.dimension()),
                                 fmt::format("{}", config.rank)));
  }
  const RuleEntry& entry = entry_of(config.rule, sensing_rules());
  const double unit = step_unit(entry.unit, instance);
  const double learning_rate =
      config.learning_rate.value_or(config.step.value_or(entry.default_step) * unit);
  const std::vector<double> alphas = alphas_of(config);
  std::vector<std::string> names;
  for (const double alpha : alphas) names.push_back(fmt::format("{}", alpha));

  MatrixSensing objective(instance.ensemble, instance.values, config.rank, names, team);
  std::vector<double> parameters = start_points(config, instance, team);
  const double setup_seconds = setup_timer.elapsed_seconds();
  context.announce(
      fmt::format("d = {}, m = {} measurements of {} unknowns, R = {}, sigma_1 = {:.6g}{}, {} with "
                  "eta = {:.6g}\n",
                  instance.dimension(), instance.ensemble.count(), instance.ensemble.unknowns(),
                  config.rank, instance.sigma_1, instance.sigma_1_estimated ? " (estimated)" : "",
                  entry.name, learning_rate));

  SenseRecorder recorder(objective,
                         {instance.truth, names, config.singular_values,
                          config.singular_values_every, config.target_error, config.iterations},
                         context);
  Observer<double>* const observers[] = {&recorder};
  DescentOptions options;
  options.max_steps = config.iterations;
  options.learning_rate = learning_rate;
  options.divergence_factor = kDivergenceFactor;
  const RunResult run = std::visit(
      [&](const auto& rule) {
        return descend(objective, rule, std::span(parameters), options, observers, team);
      },
      sensing_rule(config.rule));
  recorder.close();
  write_arrays(context.folder / "arrays.npz", objective.layout(), parameters, instance.truth);

  Manifest manifest;
  manifest.kind = "sense";
  manifest.configuration = configuration_of(config, instance);
  Json& results = manifest.results;
  results = {{"sigma_1", instance.sigma_1},
             {"sigma_1_estimated", instance.sigma_1_estimated},
             {"learning_rate", learning_rate},
             {"step", learning_rate / unit},
             {"unknowns", instance.ensemble.unknowns()}};
  if (instance.has_truth()) results["truth_singular_values"] = instance.truth_eigenvalues;
  const Timer minimum_norm_timer;
  if (config.minimum_norm && instance.has_truth()) {
    const MinimumNormSolution solution =
        minimum_norm_solution(instance, kMinimumNormTolerance, kMinimumNormIterations, team);
    results["minimum_norm_relative_error"] = relative_distance(solution.x, instance.truth);
    results["minimum_norm_iterations"] = solution.iterations;
    results["minimum_norm_relative_residual"] = solution.relative_residual;
  }
  for (std::size_t k = 0; k < alphas.size(); ++k) {
    results["members"].push_back(
        member_json(alphas[k], run.members[k], recorder.members()[k], instance.has_truth()));
  }
  manifest.timing = {{"setup_seconds", setup_seconds},
                     {"descent_seconds", run.elapsed_seconds},
                     {"minimum_norm_seconds", minimum_norm_timer.elapsed_seconds()}};
  return finish_study(context, std::move(manifest), run.termination, run.message);
}

std::string_view name_of(Start start) {
  switch (start) {
    case Start::gaussian:
      return "gaussian";
    case Start::spectral:
      return "spectral";
    case Start::saddle:
      return "saddle";
    case Start::file:
      return "file";
  }
  return "";
}

std::string_view name_of(TruthEntries entries) {
  return entries == TruthEntries::gaussian ? "gaussian" : "uniform";
}

}  // namespace ravine
