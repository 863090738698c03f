#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/base/option_check.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/study/sense.hpp"
#include "ravine/study/sense_start.hpp"

namespace ravine {

namespace {

/// Nothing is measured, so nothing that concerns measurements can be asked for.
void demand_population(const SenseConfig& config, OptionCheck& options) {
  const auto refuse = [&](bool given, std::string_view what) {
    options.demand(!given, what, "none with --population, where X* itself is observed", "one");
  };
  refuse(config.uses_files(), "measurement file");
  refuse(config.instance.noise > 0, "noise");
  refuse(config.operator_kind.has_value(), "operator");
  refuse(config.minimum_norm, "minimum norm");
  refuse(config.trace_minimisation, "trace minimisation");
  refuse(config.diagnose_operator, "operator diagnosis");
}

}  // namespace

void check(const SenseConfig& config) {
  OptionCheck options("sense");
  const RandomSensingConfig& instance = config.instance;
  if (config.population) demand_population(config, options);
  if (!config.uses_files()) {
    options.demand(instance.dimension >= 1 && instance.dimension <= 5000, "dimension", "1 to 5000",
                   instance.dimension);
    options.demand(instance.true_rank >= 1 && instance.true_rank <= instance.dimension, "true rank",
                   fmt::format("1 to the dimension {}", instance.dimension), instance.true_rank);
    options.demand(instance.measurements >= 1 && instance.measurements <= 100'000'000,
                   "measurements", "1 to 100000000", instance.measurements);
    options.demand(instance.ensemble != EnsembleKind::entries ||
                       instance.measurements <= svec_size(instance.dimension),
                   "measurements",
                   fmt::format("at most {}, the different entries", svec_size(instance.dimension)),
                   instance.measurements);
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
    options.demand(
        instance.ensemble == EnsembleKind::gaussian || instance.ensemble == EnsembleKind::rank_one,
        "ensemble", "gaussian or rank-one with a measurement file",
        name_in(kEnsembles, instance.ensemble));
  }
  options.demand(config.rank >= 1, "rank", "at least 1", config.rank);
  options.demand((config.start == Start::file) == config.initial_file.has_value(), "initial file",
                 "one with the start from a file, and only then",
                 config.initial_file ? "one" : "none");
  const bool from_truth = config.start == Start::saddle || config.start == Start::aligned;
  options.demand(!from_truth || !config.uses_files() || config.truth_file, "start",
                 "a truth file to take it from", "none", "give --truth-file");
  options.demand(!config.theory || config.rule.name == "gd", "theory",
                 "gradient descent, which it is about", config.rule.name);
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
  options.demand(config.sharpness_every >= 0, "sharpness every", "0 or more",
                 config.sharpness_every);
  options.demand(std::isfinite(config.target_error) && config.target_error >= 0, "target error",
                 "0 or more", config.target_error);
  options.demand(std::isfinite(config.gradient_tolerance) && config.gradient_tolerance >= 0,
                 "gradient tolerance", "0 or more", config.gradient_tolerance);
  options.demand(config.target_error == 0 || !config.uses_files() || config.truth_file,
                 "target error", "a truth file to measure it against", "none", "give --truth-file");
  options.report();
}

SensingInstance make_instance(const SenseConfig& config, ThreadTeam& team) {
  if (!config.uses_files()) {
    RandomSensingConfig random = config.instance;
    if (config.population) random.measurements = 0;
    return random_instance(random, team);
  }
  return read_instance(
      {*config.measurement_file, *config.value_file, config.truth_file, config.instance.ensemble},
      team);
}

Json configuration_json(const SenseConfig& config, const SensingInstance& instance) {
  Json json = {{"dimension", instance.dimension()},
               {"population", config.population},
               {"rank", config.rank},
               {"start", name_of(config.start)},
               {"alpha", alphas_of(config)},
               {"iterations", config.iterations},
               {"target-error", config.target_error},
               {"gradient-tolerance", config.gradient_tolerance},
               {"singular-values", config.singular_values},
               {"singular-values-every", config.singular_values_every},
               {"minimum-norm", config.minimum_norm},
               {"trace-minimisation", config.trace_minimisation},
               {"diagnose-operator", config.diagnose_operator},
               {"theory", config.theory},
               {"rule", config.rule.name},
               {"seed", config.instance.seed}};
  if (!config.population) {
    json["ensemble"] = name_in(kEnsembles, config.instance.ensemble);
    json["measurements"] = instance.ensemble.count();
    json["operator"] = config.operator_kind ? name_of(*config.operator_kind) : "auto";
  }
  const RuleEntry& entry = entry_of(config.rule, sensing_rules());
  for (const auto& [name, value] : resolved_options(config.rule, entry)) json[name] = value;
  if (config.sharpness_every > 0) json["sharpness-every"] = config.sharpness_every;
  if (config.learning_rate) {
    json["learning-rate"] = *config.learning_rate;
  } else {
    json["step"] = config.step.value_or(entry.default_step);
  }
  const auto add_path = [&](const char* key, const std::optional<std::filesystem::path>& path) {
    if (path) json[key] = path->string();
  };
  if (config.uses_files()) {
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

std::string_view name_of(Start start) {
  switch (start) {
    case Start::gaussian:
      return "gaussian";
    case Start::spectral:
      return "spectral";
    case Start::saddle:
      return "saddle";
    case Start::aligned:
      return "aligned";
    case Start::file:
      return "file";
  }
  return "";
}

std::string_view name_of(TruthEntries entries) {
  return entries == TruthEntries::gaussian ? "gaussian" : "uniform";
}

}  // namespace ravine
