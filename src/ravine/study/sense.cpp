#include "ravine/study/sense.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/data/npz.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/study/mode_recorder.hpp"
#include "ravine/study/operator_diagnosis.hpp"
#include "ravine/study/sense_comparators.hpp"
#include "ravine/study/sense_descent.hpp"
#include "ravine/study/sense_recorder.hpp"
#include "ravine/study/sense_start.hpp"

namespace ravine {

namespace {

constexpr std::size_t kModesOfUnknown = 10;

std::string measured_text(const SenseConfig& config, const SensingInstance& instance) {
  if (instance.is_population()) return "population loss of";
  return fmt::format(
      "m = {} {}measurements of", instance.ensemble.count(),
      config.uses_files() ? "" : fmt::format("{} ", name_in(kEnsembles, config.instance.ensemble)));
}

std::string announcement(const SenseConfig& config, const SensingInstance& instance,
                         double learning_rate, const OperatorChoice& choice) {
  std::string text = fmt::format(
      "d = {}, {} {} unknowns, R = {}, sigma_1 = {:.6g}{}, {} with eta = {:.6g}\n",
      instance.dimension(), measured_text(config, instance), instance.ensemble.unknowns(),
      config.rank, instance.sigma_1, instance.sigma_1_estimated ? " (estimated)" : "",
      config.rule.name, learning_rate);
  if (choice.measurement_seconds && choice.normal_seconds) {
    text += fmt::format(
        "operator: {}; predicted for one core: normal {:.2g} s, measurements {:.2g} s\n",
        name_of(choice.kind), *choice.normal_seconds, *choice.measurement_seconds);
  }
  return text;
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

Json theory_json(const ModeSummary& summary) {
  Json json = {{"early_iterations", nullptr},
               {"power_deviation", summary.power_deviation},
               {"recursion_deviation", summary.recursion_deviation},
               {"half_time_deviation", summary.half_time_deviation}};
  if (summary.early_iterations) json["early_iterations"] = *summary.early_iterations;
  return json;
}

/// As many modes as X* has, or the first.
ModeRecorderOptions mode_options(const SensingInstance& instance, const SenseConfig& config,
                                 std::span<const std::string> alpha_names, ThreadTeam& team) {
  const std::size_t d = instance.dimension();
  const std::size_t count = instance.has_truth() ? std::max<std::size_t>(1, instance.true_rank())
                                                 : std::min(config.rank, kModesOfUnknown);
  const std::vector<double> adjoint = adjoint_at_zero(instance, team);
  ModeRecorderOptions options{
      leading_eigenpairs(MatrixView<const double>(adjoint.data(), d, d), count),
      instance.truth_eigenvalues, alphas_of(config), alpha_names};
  if (instance.has_truth()) options.sigma.resize(count);
  return options;
}

void write_arrays(const std::filesystem::path& path, const ParameterLayout& layout,
                  std::span<const double> parameters, std::span<const double> truth,
                  const std::vector<ComparatorResult>& comparators) {
  std::vector<NamedArray> entries;
  for (const ParameterBlock& block : layout.blocks()) {
    entries.push_back(
        {block.name, {{block.rows, block.cols}, parameters.subspan(block.offset, block.size())}});
  }
  const std::size_t d = layout.blocks().front().rows;
  if (!truth.empty()) entries.push_back({"X_true", {{d, d}, truth}});
  for (const ComparatorResult& found : comparators) {
    entries.push_back({"X_" + found.name, {{d, d}, std::span<const double>(found.x)}});
  }
  write_npz(path, entries);
}

}  // namespace

StudyOutcome run_sense(const SenseConfig& config, const StudyContext& context) {
  check(config);
  const Timer setup_timer;
  ThreadTeam& team = *context.team;
  const SensingInstance instance = instance_of(config, team);
  const StepSize step = step_size(config, instance);
  const std::vector<double> alphas = alphas_of(config);
  std::vector<std::string> names;
  for (const double alpha : alphas) names.push_back(fmt::format("{}", alpha));

  const OperatorChoice choice = choose_operator(instance.ensemble, alphas.size(),
                                                config.iterations + 1, config.operator_kind);
  context.announce(announcement(config, instance, step.eta, choice));
  MatrixSensing objective(make_operator(choice.kind, instance, team), config.rank, names, team);
  std::vector<double> parameters = start_points(config, instance, team);
  const double setup_seconds = setup_timer.elapsed_seconds();

  const Eigenpairs truth = instance.has_truth()
                               ? leading_eigenpairs(instance.truth_view(), instance.true_rank())
                               : Eigenpairs();
  SenseRecorder recorder(objective,
                         {instance.truth, truth.vectors, names, config.singular_values,
                          config.singular_values_every, config.target_error, config.iterations},
                         context);
  std::vector<Observer<double>*> observers = {&recorder};
  std::optional<ModeRecorder> modes;
  if (config.theory) {
    modes.emplace(objective.layout(), mode_options(instance, config, names, team), context);
    observers.push_back(&*modes);
  }
  const RunResult run = descend_factors(config, instance, objective, parameters, observers, team);
  recorder.close();
  if (modes) modes->close();
  std::vector<ComparatorResult> comparators;
  if (run.termination != Termination::interrupted) {
    comparators = run_comparators(config, instance, team);
  }
  write_arrays(context.folder / "arrays.npz", objective.layout(), parameters, instance.truth,
               comparators);

  Manifest manifest;
  manifest.kind = "sense";
  manifest.configuration = configuration_json(config, instance);
  Json& results = manifest.results;
  results = {{"sigma_1", instance.sigma_1},
             {"sigma_1_estimated", instance.sigma_1_estimated},
             {"curvature_scale", instance.curvature_scale()},
             {"learning_rate", step.eta},
             {"step", step.eta / step.unit},
             {"unknowns", instance.ensemble.unknowns()},
             {"operator", operator_json(choice)}};
  if (instance.has_truth()) results["truth_singular_values"] = instance.truth_eigenvalues;
  for (std::size_t k = 0; k < alphas.size(); ++k) {
    results["members"].push_back(
        member_json(alphas[k], run.members[k], recorder.members()[k], instance.has_truth()));
    if (modes) results["members"].back()["theory"] = theory_json(modes->members()[k]);
  }
  manifest.timing = {{"setup_seconds", setup_seconds}, {"descent_seconds", run.elapsed_seconds}};
  add_comparators(comparators, instance, results, manifest.timing);
  if (config.diagnose_operator && run.termination != Termination::interrupted) {
    const Timer timer;
    results["operator_diagnosis"] = operator_diagnosis(config, instance, team);
    manifest.timing["operator_diagnosis_seconds"] = timer.elapsed_seconds();
  }
  return finish_study(context, std::move(manifest), run.termination, run.message);
}

}  // namespace ravine
