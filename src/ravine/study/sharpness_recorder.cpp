#include "ravine/study/sharpness_recorder.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/timer.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/optimizer/stability_edge.hpp"

namespace ravine {

SenseSharpness::SenseSharpness(std::uint64_t seed, MatrixSensing& objective,
                               std::span<const std::string> alphas, std::int64_t every,
                               SensingRule rule, const StudyContext& context)
    : objective_(objective),
      alphas_(alphas),
      every_(every),
      rule_(std::move(rule)),
      table_(context.folder / "sharpness.csv", sharpness_columns({"iteration", "alpha"})),
      members_(alphas.size(), SharpnessTrack(seed)),
      direction_(objective.layout().size()),
      product_(objective.layout().size()) {}

SymmetricOperator SenseSharpness::hessian_of(std::size_t member,
                                             std::span<const double> parameters) {
  const ParameterBlock& block = objective_.layout().blocks()[member];
  std::vector<std::uint8_t> alone(members_.size());
  alone[member] = 1;
  return [this, &block, parameters, alone](std::span<const double> v, std::span<double> product) {
    std::ranges::copy(v, std::span(direction_).subspan(block.offset).begin());
    objective_.hessian_vector(parameters, Evaluation{0, alone}, direction_, product_);
    std::ranges::copy(std::span(product_).subspan(block.offset, block.size()), product.begin());
  };
}

void SenseSharpness::on_step(const StepEvent<double>& event, StopRequests&) {
  if (event.step % every_ != 0) return;
  const std::optional<double> edge = stability_edge(rule_, event.learning_rate);
  for (std::size_t k = 0; k < members_.size(); ++k) {
    if (!event.active[k] || !std::isfinite(event.losses[k])) continue;
    const std::size_t size = objective_.layout().blocks()[k].size();
    const Eigenpair found =
        members_[k].measure(hessian_of(k, event.parameters), size, event.step, edge);
    table_.cell(event.step).cell(alphas_[k]);
    write_sharpness(table_, found, edge);
  }
}

void SenseSharpness::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter("sharpness");
  table_.exchange_state(state);
  for (std::size_t k = 0; k < members_.size(); ++k) {
    const StateArchive::Scope member = state.enter(fmt::format("member{}", k + 1));
    members_[k].exchange_state(state, objective_.layout().blocks()[k].size());
  }
}

TrainSharpness::TrainSharpness(std::uint64_t seed, const TrainingProblem& problem,
                               std::size_t samples, std::int64_t every, TrainingRule rule,
                               const StudyContext& context)
    : curvature_(problem, samples, *context.team),
      every_(every),
      rule_(std::move(rule)),
      table_(context.folder / "sharpness.csv", sharpness_columns({"step", "epoch"})),
      track_(seed) {}

void TrainSharpness::on_step(const StepEvent<float>& event, StopRequests&) {
  if (event.step % every_ != 0 || !std::isfinite(squared_norm(event.parameters))) return;
  const Timer timer;
  const std::optional<double> edge = stability_edge(rule_, event.learning_rate);
  const std::vector<double> point(event.parameters.begin(), event.parameters.end());
  const Eigenpair found =
      track_.measure(curvature_.hessian_at(point), point.size(), event.step + 1, edge);
  table_.cell(event.step + 1).cell(event.epoch + 1);
  write_sharpness(table_, found, edge);
  seconds_ += timer.elapsed_seconds();
}

void TrainSharpness::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter("sharpness");
  track_.exchange_state(state, curvature_.network().layout().size());
  table_.exchange_state(state);
  state.number("seconds", seconds_);
}

Json TrainSharpness::results() const {
  Json results = track_.results();
  results["samples"] = curvature_.samples().count();
  return results;
}

}  // namespace ravine
