#include "ravine/study/sweep_descent.hpp"

#include <fmt/format.h>

#include "ravine/base/timer.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/study/sense_descent.hpp"
#include "ravine/study/sense_start.hpp"

namespace ravine {

namespace {

/// Follows the errors of a descent and ends members at the target.
class CellWatch : public Observer<double> {
 public:
  CellWatch(const MatrixSensing& objective, std::span<const double> truth, double target,
            double success, const std::function<bool()>& interrupted)
      : objective_(objective),
        truth_(truth),
        target_(target),
        success_(success),
        interrupted_(interrupted),
        errors_(objective.layout().members()),
        reached_(errors_.size()) {}

  void on_step(const StepEvent<double>& event, StopRequests& requests) override {
    for (std::size_t k = 0; k < errors_.size(); ++k) {
      if (!event.active[k]) continue;
      errors_[k] = truth_.relative(truth_.of(objective_.gram(k)));
      if (!reached_[k] && errors_[k] <= success_) reached_[k] = event.step;
      stop_at_target(target_, errors_[k], k, event.step, requests);
    }
    if (interrupted_()) requests.stop_all(Termination::interrupted, "interrupted");
  }

  double relative_error(std::size_t member) const { return errors_[member]; }
  std::optional<std::int64_t> reached(std::size_t member) const { return reached_[member]; }

 private:
  const MatrixSensing& objective_;
  TruthDistance truth_;
  double target_;
  double success_;
  const std::function<bool()>& interrupted_;
  std::vector<double> errors_;
  std::vector<std::optional<std::int64_t>> reached_;  // the step of the first success
};

/// The configuration of the cells of a descent together.
SenseConfig descent_config(const SweepPlan& plan, const IndexRange& cells) {
  SenseConfig config = plan.cells[cells.begin].config;
  config.alphas.clear();
  for (std::size_t i = cells.begin; i < cells.end; ++i) {
    config.alphas.push_back(plan.cells[i].config.alphas.front());
  }
  return config;
}

/// Appends the outcomes of one descent; false when it was interrupted.
bool descend_cells(const SenseConfig& config, const SensingInstance& instance, double success,
                   ThreadTeam& team, const std::function<bool()>& interrupted,
                   std::vector<CellOutcome>& outcomes) {
  std::vector<std::string> names;
  for (const double alpha : config.alphas) names.push_back(fmt::format("{}", alpha));
  // As for one start alone, so that a cell's bits do not depend on its neighbours.
  const OperatorChoice choice =
      choose_operator(instance, 1, config.iterations + 1, config.operator_kind);
  MatrixSensing objective(make_operator(choice.kind, instance, team), config.rank, names, team);
  std::vector<double> parameters = start_points(config, instance, team);
  CellWatch watch(objective, instance.truth, config.target_error, success, interrupted);
  Observer<double>* const observers[] = {&watch};
  const RunResult run = descend_factors(config, instance, objective, parameters, observers, team);
  if (run.termination == Termination::interrupted) return false;
  for (std::size_t k = 0; k < run.members.size(); ++k) {
    const MemberResult& member = run.members[k];
    outcomes.push_back(
        {member.termination, member.steps, member.loss, watch.relative_error(k), watch.reached(k)});
  }
  return true;
}

}  // namespace

InstanceOutcome run_instance(const SweepPlan& plan, std::size_t instance, double success,
                             ThreadTeam& team, const std::function<bool()>& interrupted) {
  const IndexRange descents = plan.instances[instance];
  InstanceOutcome outcome;
  const Timer setup_timer;
  const SensingInstance shared =
      instance_of(plan.cells[plan.descents[descents.begin].begin].config, team);
  outcome.setup_seconds = setup_timer.elapsed_seconds();
  for (std::size_t i = descents.begin; i < descents.end; ++i) {
    const Timer timer;
    const SenseConfig config = descent_config(plan, plan.descents[i]);
    if (!descend_cells(config, shared, success, team, interrupted, outcome.cells)) break;
    outcome.descent_seconds.push_back(timer.elapsed_seconds());
  }
  return outcome;
}

double instance_bytes(const SenseConfig& config) {
  if (config.uses_files()) return 0;
  const auto p = static_cast<double>(svec_size(config.instance.dimension));
  const auto m = static_cast<double>(config.instance.measurements);
  return m * p * sizeof(float) + (m > p ? p * p / 2 * sizeof(double) : 0);
}

}  // namespace ravine
