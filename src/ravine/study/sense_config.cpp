#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/base/option_check.hpp"
#include "ravine/study/sense.hpp"
#include "ravine/study/sense_start.hpp"

namespace ravine {

namespace {

/// Nothing is measured, so nothing that concerns measurements can be asked for.
void demand_population(const SenseConfig& config, OptionCheck& options) {
  const auto refuse = [&](bool given, std::string_view what) {
    options.demand(!given, what, "none with --population, where X* itself is observed", "one");
  };
  refuse(config.operator_kind.has_value(), "operator");
  refuse(config.minimum_norm, "minimum norm");
  refuse(config.trace_minimisation, "trace minimisation");
  refuse(config.diagnose_operator, "operator diagnosis");
}

}  // namespace

void check(const SenseConfig& config) {
  OptionCheck options("sense");
  check_instance(config, options);
  if (config.population) demand_population(config, options);
  options.demand(config.uses_files() || config.rank <= config.instance.dimension, "rank",
                 fmt::format("at most the dimension {}", config.instance.dimension), config.rank);
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

Json configuration_json(const SenseConfig& config, const SensingInstance& instance) {
  Json json;
  add_dimension(config, instance, json);
  json.update({{"rank", config.rank},
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
               {"seed", config.instance.seed}});
  add_measurements(config, instance, json);
  if (!config.population) {
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
  add_truth(config, json);
  if (config.initial_file) json["initial-file"] = *config.initial_file;
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

}  // namespace ravine
