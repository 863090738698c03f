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
#include "ravine/study/run_checkpoint.hpp"
#include "ravine/study/sense_comparators.hpp"
#include "ravine/study/sense_descent.hpp"
#include "ravine/study/sense_files.hpp"
#include "ravine/study/sense_recorder.hpp"
#include "ravine/study/sense_start.hpp"
#include "ravine/study/sharpness_recorder.hpp"

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

/// What is descended.
struct SenseProblem {
  SensingInstance instance;
  StepSize step;
  std::vector<double> alphas;
  std::vector<std::string> names;  ///< the alphas as printed
  OperatorChoice choice;
  std::vector<double> start;  ///< U_0 of every alpha
};

SenseProblem prepare(const SenseConfig& config, ThreadTeam& team) {
  SenseProblem problem{instance_of(config, team), {}, alphas_of(config), {}, {}, {}};
  problem.step = step_size(config, problem.instance);
  for (const double alpha : problem.alphas) problem.names.push_back(fmt::format("{}", alpha));
  problem.choice = choose_operator(problem.instance, problem.alphas.size(), config.iterations + 1,
                                   config.operator_kind);
  problem.start = start_points(config, problem.instance, team);
  return problem;
}

/// Where the descent ended, and what its observers saw.
struct RecordedDescent {
  RunResult run;
  std::vector<SenseMemberSummary> members;
  std::vector<ModeSummary> modes;         ///< with theory only
  std::vector<SharpnessTrack> sharpness;  ///< where it was asked for
};

/// A start that diverged speaks for the run, whose other starts may have ended well.
void let_divergence_speak(const SenseProblem& problem, RunResult& run) {
  const auto diverged = [](const MemberResult& member) {
    return member.termination == Termination::diverged;
  };
  const auto first = std::ranges::find_if(run.members, diverged);
  const bool is_alone = run.members.size() == 1;
  if (first == run.members.end() || is_alone || run.termination == Termination::interrupted) return;
  run.termination = Termination::diverged;
  run.message = fmt::format("{} of {} starts diverged; alpha {}: {}",
                            std::ranges::count_if(run.members, diverged), run.members.size(),
                            problem.names[static_cast<std::size_t>(first - run.members.begin())],
                            first->message);
}

/// Descends `parameters` in place.
RecordedDescent descend_recorded(const SenseConfig& config, const SenseProblem& problem,
                                 MatrixSensing& objective, std::span<double> parameters,
                                 RunCheckpoint& checkpoint, const StudyContext& context) {
  const SensingInstance& instance = problem.instance;
  const Eigenpairs truth = instance.has_truth()
                               ? leading_eigenpairs(instance.truth_view(), instance.true_rank())
                               : Eigenpairs();
  SenseRecorder recorder(objective,
                         {instance.truth, truth.vectors, problem.names, config.singular_values,
                          config.singular_values_every, config.target_error, config.iterations},
                         context);
  std::vector<Observer<double>*> observers = {&recorder};
  std::optional<ModeRecorder> modes;
  if (config.theory) {
    modes.emplace(objective.layout(), mode_options(instance, config, problem.names, *context.team),
                  context);
    observers.push_back(&*modes);
  }
  std::optional<SenseSharpness> sharpness;
  if (config.sharpness_every > 0) {
    observers.push_back(&sharpness.emplace(config.instance.seed, objective, problem.names,
                                           config.sharpness_every, sensing_rule(config.rule),
                                           context));
  }
  RunResult run = descend_factors(config, instance, objective, parameters, observers, *context.team,
                                  checkpoint.descent_checkpoints(1));
  let_divergence_speak(problem, run);
  RecordedDescent descent{run, recorder.members(), {}, {}};
  recorder.close();
  if (modes) {
    modes->close();
    descent.modes = modes->members();
  }
  if (sharpness) {
    sharpness->close();
    descent.sharpness = sharpness->members();
  }
  return descent;
}

Json results_json(const SenseProblem& problem, const RecordedDescent& descent) {
  const SensingInstance& instance = problem.instance;
  Json results = {{"sigma_1", instance.sigma_1},
                  {"sigma_1_estimated", instance.sigma_1_estimated},
                  {"curvature_scale", instance.curvature_scale()},
                  {"learning_rate", problem.step.eta},
                  {"step", problem.step.eta / problem.step.unit},
                  {"unknowns", instance.ensemble.unknowns()},
                  {"operator", operator_json(problem.choice)}};
  if (instance.has_truth()) results["truth_singular_values"] = instance.truth_eigenvalues;
  for (std::size_t k = 0; k < problem.alphas.size(); ++k) {
    Json member = member_json(problem.alphas[k], descent.run.members[k], descent.members[k],
                              instance.has_truth());
    if (!descent.modes.empty()) member["theory"] = theory_json(descent.modes[k]);
    if (!descent.sharpness.empty()) member["sharpness"] = descent.sharpness[k].results();
    results["members"].push_back(std::move(member));
  }
  return results;
}

/// Convex methods and the diagnosis of the operator, where they were asked for: what they found
/// goes into the manifest. Returns the matrices.
std::vector<ComparatorResult> run_beside(const SenseConfig& config, const SensingInstance& instance,
                                         ThreadTeam& team, Manifest& manifest) {
  std::vector<ComparatorResult> comparators = run_comparators(config, instance, team);
  add_comparators(comparators, instance, manifest.results, manifest.timing);
  if (config.diagnose_operator) {
    const Timer timer;
    manifest.results["operator_diagnosis"] = operator_diagnosis(config, instance, team);
    manifest.timing["operator_diagnosis_seconds"] = timer.elapsed_seconds();
  }
  return comparators;
}

}  // namespace

StudyOutcome run_sense(const SenseConfig& config, const StudyContext& context) {
  check(config);
  const Timer setup_timer;
  ThreadTeam& team = *context.team;
  const SenseProblem problem = prepare(config, team);
  const SensingInstance& instance = problem.instance;
  RunCheckpoint checkpoint(context, "sense", configuration_json(config, instance),
                           context.checkpoints.are_on() ? file_sums(config) : Json::object());
  context.announce(announcement(config, instance, problem.step.eta, problem.choice));
  MatrixSensing objective(make_operator(problem.choice.kind, instance, team), config.rank,
                          problem.names, team);
  std::vector<double> parameters = problem.start;
  const double setup_seconds = setup_timer.elapsed_seconds();
  const RecordedDescent descent =
      descend_recorded(config, problem, objective, parameters, checkpoint, context);

  Manifest manifest;
  manifest.kind = "sense";
  manifest.configuration = configuration_json(config, instance);
  manifest.results = results_json(problem, descent);
  manifest.resumed_after = descent.run.resumed_after;
  manifest.timing = {{"setup_seconds", setup_seconds},
                     {"descent_seconds", descent.run.elapsed_seconds}};
  std::vector<ComparatorResult> comparators;
  if (descent.run.termination != Termination::interrupted) {
    comparators = run_beside(config, instance, team, manifest);
  }
  write_arrays(context.folder / "arrays.npz", objective.layout(), parameters, instance.truth,
               comparators);
  return finish_study(context, std::move(manifest), descent.run.termination, descent.run.message);
}

}  // namespace ravine
