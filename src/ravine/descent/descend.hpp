#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/descent/block_norms.hpp"
#include "ravine/descent/checkpoint.hpp"
#include "ravine/descent/gradient_buffers.hpp"
#include "ravine/descent/gradient_clipper.hpp"
#include "ravine/descent/mover.hpp"
#include "ravine/descent/observer.hpp"
#include "ravine/descent/run_result.hpp"
#include "ravine/objective/objective.hpp"
#include "ravine/optimizer/schedule.hpp"

namespace ravine {

struct DescentOptions {
  std::int64_t max_steps = 1000;       ///< updates
  std::int64_t steps_per_epoch = 0;    ///< 0: no epochs
  double learning_rate = 0.01;         ///< eta
  LearningRateSchedule schedule = {};  ///< of eta
  Clipping clipping = {};              ///< of the gradient before the rule sees it
  double gradient_tolerance =
      0;  ///< a member has converged when its gradient norm is <= this; 0: off
  double divergence_factor = 0;     ///< a member has diverged when its loss exceeds this times the
                                    ///< size of its first loss, or is not finite; 0, or a first
                                    ///< loss of 0: only when not finite
  bool evaluate_last_point = true;  ///< evaluate, and report, the point after the last update
  Checkpoints checkpoints = {};
};

namespace detail {

/// Sets the termination of members that converged or diverged at this step. A point that a walk may
/// go back from (`is_trial`) does not show divergence.
void judge_members(const ParameterLayout& layout, const DescentOptions& options,
                   std::span<const double> losses, std::span<const double> first_losses,
                   std::span<const double> block_norms, std::int64_t step, bool is_trial,
                   std::span<const std::uint8_t> active, std::span<MemberResult> members);

/// Sets the termination of active members whose walk gave up before this step.
template <class Mover>
void end_stalled_members(const Mover& mover, std::int64_t step,
                         std::span<const std::uint8_t> active, StopRequests& requests) {
  for (std::size_t k = 0; k < active.size(); ++k) {
    if (active[k] && mover.gave_up(k)) {
      requests.stop_member(k, Termination::stalled,
                           fmt::format("no better point was found after {} steps", step));
    }
  }
}

/// Clears the flags of members that have a termination. Returns whether any member goes on.
bool retire_members(std::span<const MemberResult> members, std::span<std::uint8_t> active);

/// One more update was made for every active member.
void count_step(std::span<const std::uint8_t> active, std::span<MemberResult> members);

/// Sums up the members: the worst of their terminations speaks for the run, of equal ones the last.
void summarise(RunResult& result);

}  // namespace detail

/// Descends `objective` from `parameters`, in place: evaluates, clips, shows the StepEvent to the
/// observers in order, moves, again and again until the step limit, or until every member has
/// converged, diverged or was stopped by an observer. Members end one by one; an ended member's
/// parameters stay where it ended. Under a rule with a line search every point tried is a step, and
/// the last one is the best accepted. With checkpoints one is kept after every so many steps, and
/// at once by a descent that goes on from one. Throws ShapeError when `parameters` does not have
/// layout().size() elements, ConfigError when the rule does not fit the objective, DataError for a
/// checkpoint of something else.
template <Objective O, DescentRule<typename O::Scalar> R>
RunResult descend(O& objective, const R& rule, std::span<typename O::Scalar> parameters,
                  const DescentOptions& options,
                  std::span<Observer<typename O::Scalar>* const> observers, ThreadTeam& team) {
  using T = typename O::Scalar;
  const ParameterLayout& layout = objective.layout();
  if (parameters.size() != layout.size()) {
    throw ShapeError(error_text("descend", "parameters", fmt::format("{} numbers", layout.size()),
                                fmt::format("{}", parameters.size())));
  }
  const Timer timer;
  const std::vector<Chunk> chunks = cut_into_chunks(layout);
  BlockNorms<T> block_norms(chunks);
  GradientClipper<T> clipper(options.clipping, layout, chunks);
  GradientBuffers<T> gradients(layout.size(),
                               std::ranges::any_of(observers, [](const Observer<T>* observer) {
                                 return observer->compares_gradients();
                               }));
  MoverOf<R, T> mover(rule, layout, chunks);
  std::vector<double> losses(layout.members());
  std::vector<double> norms(layout.blocks().size());
  std::vector<std::uint8_t> active(layout.members(), 1);
  RunResult result;
  result.members.resize(layout.members());
  StopRequests requests(result.members);
  detail::LoopState loop;
  const auto elapsed = [&] { return loop.seconds_before + timer.elapsed_seconds(); };
  const auto exchange = [&](StateArchive& state) {
    detail::exchange_descent(state, loop, timer.elapsed_seconds(), result, parameters, mover,
                             observers);
    gradients.exchange_state(state, loop.step);
  };
  detail::resume(options.checkpoints, loop, result, options.max_steps, exchange);
  detail::retire_members(result.members, active);

  for (std::int64_t step = loop.step;; ++step) {
    const bool last = step == options.max_steps;
    const auto stop_at_limit = [&] {
      requests.stop_all(Termination::max_steps, fmt::format("all {} steps were made", step));
    };
    if (last && !options.evaluate_last_point) {
      stop_at_limit();
      break;
    }
    const std::span<T> gradient = gradients.of(step);
    objective.loss_and_gradient(parameters, Evaluation{step, active}, gradient, losses);
    block_norms.compute(gradient, team, norms);
    if (step == 0) loop.first_losses = losses;
    detail::judge_members(layout, options, losses, loop.first_losses, norms, step,
                          mover.kTriesPoints && step > 0, active, result.members);
    detail::end_stalled_members(mover, step, active, requests);
    const std::int64_t epoch = options.steps_per_epoch > 0 ? step / options.steps_per_epoch : 0;
    const double learning_rate = options.schedule.rate(options.learning_rate, step);
    const std::span<const double> clipped = clipper.clip(norms, gradient, team);
    const StepEvent<T> event{
        step,       epoch,    learning_rate,         elapsed(), losses, norms, clipped, active,
        parameters, gradient, gradients.before(step)};
    for (Observer<T>* observer : observers) observer->on_step(event, requests);
    if (last) stop_at_limit();
    if (!detail::retire_members(result.members, active)) break;

    mover.move({step, learning_rate, losses, active, gradient, parameters},
               step + 1 == options.max_steps, team);
    detail::count_step(active, result.members);
    if (options.steps_per_epoch > 0 && (step + 1) % options.steps_per_epoch == 0) {
      const EpochEvent<T> end{epoch, elapsed(), parameters};
      for (Observer<T>* observer : observers) observer->on_epoch_end(end, requests);
      if (!detail::retire_members(result.members, active)) break;
    }
    loop.step = step + 1;
    detail::keep_if_due(options.checkpoints, loop.step, exchange);
  }
  result.elapsed_seconds = elapsed();
  detail::summarise(result);
  return result;
}

}  // namespace ravine
