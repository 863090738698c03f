#include "ravine/study/instance_choice.hpp"

#include <cmath>

#include <fmt/format.h>

#include "ravine/objective/svec.hpp"

namespace ravine {

namespace {

void check_random(const RandomSensingConfig& instance, OptionCheck& options) {
  options.demand(instance.dimension >= 1 && instance.dimension <= 5000, "dimension", "1 to 5000",
                 instance.dimension);
  options.demand(instance.true_rank >= 1 && instance.true_rank <= instance.dimension, "true rank",
                 fmt::format("1 to the dimension {}", instance.dimension), instance.true_rank);
  options.demand(instance.measurements >= 1 && instance.measurements <= 100'000'000, "measurements",
                 "1 to 100000000", instance.measurements);
  options.demand(instance.ensemble != EnsembleKind::entries ||
                     instance.measurements <= svec_size(instance.dimension),
                 "measurements",
                 fmt::format("at most {}, the different entries", svec_size(instance.dimension)),
                 instance.measurements);
  const double condition = instance.condition_number.value_or(1);
  options.demand(std::isfinite(condition) && condition >= 1, "condition number", "1 or more",
                 condition);
  options.demand(instance.true_rank > 1 || condition == 1, "condition number",
                 "1 for a matrix of rank 1", condition);
  options.demand(std::isfinite(instance.noise) && instance.noise >= 0, "noise", "0 or more",
                 instance.noise);
}

/// Nothing is measured, so nothing that concerns measurements can be asked for.
void demand_population(const InstanceChoice& choice, OptionCheck& options) {
  const auto refuse = [&](bool given, std::string_view what) {
    options.demand(!given, what, "none with --population, where X* itself is observed", "one");
  };
  refuse(choice.uses_files(), "measurement file");
  refuse(choice.instance.noise > 0, "noise");
}

}  // namespace

void check_instance(const InstanceChoice& choice, OptionCheck& options) {
  if (choice.population) demand_population(choice, options);
  if (!choice.uses_files()) {
    check_random(choice.instance, options);
    options.demand(!choice.value_file && !choice.truth_file, "value file and truth file",
                   "a measurement file with them", "none", "give --measurement-file");
    return;
  }
  options.demand(choice.value_file.has_value(), "value file", "one with the measurement file",
                 "none", "give --value-file");
  options.demand(choice.instance.ensemble == EnsembleKind::gaussian ||
                     choice.instance.ensemble == EnsembleKind::rank_one,
                 "ensemble", "gaussian or rank-one with a measurement file",
                 name_in(kEnsembles, choice.instance.ensemble));
}

SensingInstance make_instance(const InstanceChoice& choice, ThreadTeam& team) {
  if (!choice.uses_files()) {
    RandomSensingConfig random = choice.instance;
    if (choice.population) random.measurements = 0;
    return random_instance(random, team);
  }
  return read_instance(
      {*choice.measurement_file, *choice.value_file, choice.truth_file, choice.instance.ensemble},
      team);
}

void add_dimension(const InstanceChoice& choice, const SensingInstance& instance, Json& json) {
  json["dimension"] = instance.dimension();
  json["population"] = choice.population;
}

void add_measurements(const InstanceChoice& choice, const SensingInstance& instance, Json& json) {
  if (choice.population) return;
  json["ensemble"] = name_in(kEnsembles, choice.instance.ensemble);
  json["measurements"] = instance.ensemble.count();
}

void add_truth(const InstanceChoice& choice, Json& json) {
  if (choice.uses_files()) {
    json["measurement-file"] = choice.measurement_file->string();
    json["value-file"] = choice.value_file->string();
    if (choice.truth_file) json["truth-file"] = choice.truth_file->string();
    return;
  }
  json["true-rank"] = choice.instance.true_rank;
  if (choice.instance.condition_number) {
    json["condition-number"] = *choice.instance.condition_number;
  } else {
    json["truth-entries"] = name_of(choice.instance.truth_entries);
  }
  json["noise"] = choice.instance.noise;
}

std::string_view name_of(TruthEntries entries) {
  return entries == TruthEntries::gaussian ? "gaussian" : "uniform";
}

}  // namespace ravine
