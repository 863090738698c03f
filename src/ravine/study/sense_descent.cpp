#include "ravine/study/sense_descent.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

namespace {

constexpr double kDivergenceFactor = 1e6;

/// Isotropic measurements have the second moment |X|_F^2; others stretch curvatures, and a rule
/// that divides by U^T U sees the trace's share once a column.
double step_unit(StepUnit unit, const SensingInstance& instance, std::size_t rank) {
  const SecondMoment& moment = instance.ensemble.second_moment();
  switch (unit) {
    case StepUnit::curvature:
      return 1 / instance.curvature_scale();
    case StepUnit::entry:
      return std::sqrt(instance.sigma_1 / static_cast<double>(instance.dimension()));
    case StepUnit::none:
      break;
  }
  return 1 / (moment.square + moment.trace * static_cast<double>(rank));
}

}  // namespace

SensingInstance instance_of(const SenseConfig& config, ThreadTeam& team) {
  SensingInstance instance = make_instance(config, team);
  if (config.rank > instance.dimension()) {
    throw ConfigError(error_text("sense", "rank",
                                 fmt::format("at most the dimension {}", instance.dimension()),
                                 fmt::format("{}", config.rank)));
  }
  return instance;
}

StepSize step_size(const SenseConfig& config, const SensingInstance& instance) {
  const RuleEntry& entry = entry_of(config.rule, sensing_rules());
  const double unit = step_unit(entry.unit, instance, config.rank);
  return {config.learning_rate.value_or(config.step.value_or(entry.default_step) * unit), unit};
}

RunResult descend_factors(const SenseConfig& config, const SensingInstance& instance,
                          MatrixSensing& objective, std::span<double> parameters,
                          std::span<Observer<double>* const> observers, ThreadTeam& team,
                          Checkpoints checkpoints) {
  DescentOptions options;
  options.max_steps = config.iterations;
  options.learning_rate = step_size(config, instance).eta;
  options.gradient_tolerance = config.gradient_tolerance * std::pow(instance.sigma_1, 1.5);
  options.divergence_factor = kDivergenceFactor;
  options.checkpoints = std::move(checkpoints);
  return std::visit(
      [&](const auto& rule) {
        return descend(objective, rule, parameters, options, observers, team);
      },
      sensing_rule(config.rule));
}

TruthDistance::TruthDistance(std::span<const double> truth)
    : truth_(truth), norm_(std::sqrt(squared_norm(truth))) {}

double TruthDistance::of(MatrixView<const double> x) const {
  double squares = 0;
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (std::size_t j = 0; j < x.cols; ++j) {
      const double difference = x(i, j) - truth_[i * x.cols + j];
      squares += difference * difference;
    }
  }
  return std::sqrt(squares);
}

void stop_at_target(double target, double relative_error, std::size_t member, std::int64_t step,
                    StopRequests& requests) {
  if (!(target > 0 && relative_error <= target)) return;
  requests.stop_member(
      member, Termination::target_reached,
      fmt::format("relative error {:.3g} after {} iterations", relative_error, step));
}

}  // namespace ravine
