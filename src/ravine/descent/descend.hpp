#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/descent/block_norms.hpp"
#include "ravine/descent/checkpoint.hpp"
#include "ravine/descent/descent_options.hpp"
#include "ravine/descent/gradient_buffers.hpp"
#include "ravine/descent/gradient_clipper.hpp"
#include "ravine/descent/judge.hpp"
#include "ravine/descent/mover.hpp"
#include "ravine/descent/observer.hpp"
#include "ravine/descent/run_result.hpp"
#include "ravine/descent/update_norms.hpp"
#include "ravine/objective/objective.hpp"

namespace ravine {

namespace detail {

/// A descent under way.
template <Objective O, DescentRule<typename O::Scalar> R>
class Descent {
 public:
  using T = typename O::Scalar;

  Descent(O& objective, const R& rule, std::span<T> parameters, const DescentOptions& options,
          std::span<Observer<T>* const> observers, ThreadTeam& team)
      : objective_(objective),
        parameters_(parameters),
        options_(options),
        observers_(observers),
        team_(team),
        chunks_(cut_into_chunks(objective.layout())),
        block_norms_(chunks_),
        clipper_(options.clipping, objective.layout(), chunks_),
        gradients_(objective.layout().size(), compares_gradients(0)),
        rule_(rule),
        mover_(rule, objective.layout(), chunks_),
        update_norms_(chunks_, objective.layout().blocks().size()),
        losses_(objective.layout().members()),
        norms_(objective.layout().blocks().size()),
        clipped_norms_(norms_),
        active_(objective.layout().members(), 1),
        moved_(active_),
        result_(unstarted(objective.layout().members())),
        requests_(result_.members) {}

  RunResult run() {
    resume(options_.checkpoints, loop_, result_, options_.max_steps,
           [this](StateArchive& state) { exchange(state); });
    retire_members(result_.members, active_);
    while (advance()) continue;
    result_.elapsed_seconds = elapsed();
    summarise(result_);
    return std::move(result_);
  }

 private:
  /// One step. Returns whether another follows.
  bool advance() {
    const bool last = loop_.step == options_.max_steps;
    if (!last || options_.evaluate_last_point) {
      const StepEvent<T> event = evaluate();
      for (Observer<T>* observer : observers_) observer->on_step(event, requests_);
    }
    if (last) {
      requests_.stop_all(Termination::max_steps, fmt::format("all {} steps were made", loop_.step));
    }
    return retire_members(result_.members, active_) && finish_step();
  }

  StepEvent<T> evaluate() {
    const std::int64_t step = loop_.step;
    const std::span<T> gradient = gradients_.of(step);
    objective_.loss_and_gradient(parameters_, Evaluation{step, active_}, gradient, losses_);
    const std::span<const T> last =
        compares_gradients(step) ? gradients_.before(step) : std::span<const T>();
    const bool clips = options_.clipping.is_on();
    if (step == 0) loop_.first_losses = losses_;
    weigh_unless_known();
    update_is_made_ = may_move_unseen();
    if (update_is_made_) {
      update(last, true);
      update_norms_.take_gradient(norms_, products_);
    } else {
      block_norms_.compute(gradient, clips ? std::span<const T>() : last, team_, norms_, products_);
    }
    judge_members(objective_.layout(), options_, losses_, loop_.first_losses, norms_, step,
                  mover_.kTriesPoints && step > 0, active_, result_.members);
    end_stalled_members(mover_, step, active_, requests_);
    if (clips) {
      clipper_.clip(norms_, gradient, team_);
      block_norms_.compute(gradient, last, team_, clipped_norms_, products_);
    }
    return {.step = step,
            .epoch = epoch(),
            .learning_rate = learning_rate(),
            .elapsed_seconds = elapsed(),
            .losses = losses_,
            .gradient_norms = norms_,
            .clipped_norms = clips ? clipped_norms_ : norms_,
            .active = active_,
            .parameters = update_is_made_ ? std::span<const T>() : parameters_,
            .gradient = gradient,
            .gradient_products = products_,
            .parameter_norms = update_norms_.of_parameters(),
            .update_norms = update_norms_.of_update()};
  }

  /// The norms of parameters that no update led to.
  void weigh_unless_known() {
    std::vector<double>& norms = update_norms_.of_parameters();
    if (!norms.empty() || !any(&Observer<T>::weighs_parameters, loop_.step)) return;
    norms.resize(norms_.size());
    block_norms_.compute(parameters_, team_, norms);
  }

  /// Whether nobody looks before this step's update, nor will it be missed afterwards that nobody
  /// did.
  bool may_move_unseen() const {
    return mover_.kMeasuresUpdates && loop_.step > 0 && loop_.step < options_.max_steps &&
           !options_.clipping.is_on() && !any(&Observer<T>::looks_before_update, loop_.step) &&
           all_seem_to_go_on(options_, losses_, loop_.first_losses,
                             static_cast<double>(std::numeric_limits<T>::max()), active_,
                             result_.members);
  }

  /// Whether any observer wants something of the next step that this step's update finds.
  bool any_of_update(bool (Observer<T>::*wants)(std::int64_t) const) const {
    return mover_.kMeasuresUpdates && any(wants, loop_.step + 1);
  }

  /// With norms of the gradient, if they are to be found on the way, and inner products with that
  /// of the step before, if it is given.
  void update(std::span<const T> last_gradient, bool finds_gradient) {
    const std::int64_t step = loop_.step;
    const UpdateSums sums = update_norms_.expect(
        {.gradient = finds_gradient,
         .products = !last_gradient.empty(),
         .parameters = any_of_update(&Observer<T>::weighs_parameters),
         .update = any_of_update(&Observer<T>::measures_update) && !follows_gradient()});
    moved_ = active_;
    mover_.move({.step = step,
                 .learning_rate = learning_rate(),
                 .losses = losses_,
                 .active = moved_,
                 .gradient = gradients_.of(step),
                 .last_gradient = last_gradient,
                 .parameters = parameters_},
                step + 1 == options_.max_steps, sums, team_);
    count_step(moved_, result_.members);
  }

  /// Returns whether any member goes on behind it.
  bool finish_step() {
    const std::int64_t step = loop_.step;
    if (!update_is_made_) update({}, false);
    update_norms_.take();
    if (any_of_update(&Observer<T>::measures_update) && follows_gradient()) {
      foresee_update(update_norms_.of_update());
    }
    if (options_.steps_per_epoch > 0 && (step + 1) % options_.steps_per_epoch == 0) {
      const EpochEvent<T> end{epoch(), elapsed(), parameters_};
      for (Observer<T>* observer : observers_) observer->on_epoch_end(end, requests_);
      if (!retire_members(result_.members, active_)) return false;
    }
    loop_.step = step + 1;
    keep_if_due(options_.checkpoints, loop_.step, [this](StateArchive& state) { exchange(state); });
    return true;
  }

  bool follows_gradient() const {
    if constexpr (GradientFollowingRule<R>) return rule_.follows_gradient();
    return false;
  }

  /// Norms of an update that follows the gradient, but for rounding: nothing need be compared.
  void foresee_update(std::vector<double>& norms) const {
    const std::vector<double>& steps = options_.clipping.is_on() ? clipped_norms_ : norms_;
    norms.resize(steps.size());
    for (std::size_t b = 0; b < norms.size(); ++b) {
      const bool moved = moved_[objective_.layout().blocks()[b].member] != 0;
      norms[b] = moved ? learning_rate() * steps[b] : 0;
    }
  }

  void exchange(StateArchive& state) {
    exchange_descent(state, loop_, timer_.elapsed_seconds(), result_, parameters_, mover_,
                     observers_);
    update_norms_.exchange_state(state);
    gradients_.exchange_state(state, loop_.step);
  }

  /// Whether any observer wants something of a step.
  bool any(bool (Observer<T>::*wants)(std::int64_t) const, std::int64_t step) const {
    return std::ranges::any_of(observers_, [&](const Observer<T>* o) { return (o->*wants)(step); });
  }
  bool compares_gradients(std::int64_t step) const {
    return any(&Observer<T>::compares_gradients, step);
  }
  std::int64_t epoch() const {
    return options_.steps_per_epoch > 0 ? loop_.step / options_.steps_per_epoch : 0;
  }
  double learning_rate() const {
    return options_.schedule.rate(options_.learning_rate, loop_.step);
  }
  double elapsed() const { return loop_.seconds_before + timer_.elapsed_seconds(); }

  const Timer timer_;
  O& objective_;
  std::span<T> parameters_;
  const DescentOptions& options_;
  std::span<Observer<T>* const> observers_;
  ThreadTeam& team_;
  std::vector<Chunk> chunks_;
  BlockNorms<T> block_norms_;
  GradientClipper<T> clipper_;
  GradientBuffers<T> gradients_;
  const R& rule_;
  MoverOf<R, T> mover_;
  UpdateNorms update_norms_;
  std::vector<double> losses_;         // one a member
  std::vector<double> norms_;          // of the gradient's blocks
  std::vector<double> clipped_norms_;  // of the same after clipping, where that is on
  std::vector<double> products_;       // of these with the last gradient's, or none
  std::vector<std::uint8_t> active_;   // one a member
  std::vector<std::uint8_t> moved_;    // whom the last update moved
  bool update_is_made_ = false;        // this step's update was made before its event
  RunResult result_;
  StopRequests requests_;
  LoopState loop_;
};

}  // namespace detail

/// Descends `objective` from `parameters`, in place: evaluates, clips, shows the StepEvent to the
/// observers in order, moves (or moves first, where none of them looks), again and again until the
/// step limit, or until every member has converged, diverged or was stopped by an observer. Members
/// end one by one; an ended member's parameters stay where it ended: one update later when an
/// observer that did not look stopped it, or when its gradient was not finite all of a sudden,
/// after losses and gradients far from that. Under a rule with a line search every point tried is a
/// step, and the last one is the best accepted. With checkpoints one is kept after every so many
/// steps, and at once by a descent that goes on from one. Throws ShapeError when `parameters` does
/// not have layout().size() elements, ConfigError when the rule does not fit the objective,
/// DataError for a checkpoint of something else.
template <Objective O, DescentRule<typename O::Scalar> R>
RunResult descend(O& objective, const R& rule, std::span<typename O::Scalar> parameters,
                  const DescentOptions& options,
                  std::span<Observer<typename O::Scalar>* const> observers, ThreadTeam& team) {
  if (parameters.size() != objective.layout().size()) {
    throw ShapeError(error_text("descend", "parameters",
                                fmt::format("{} numbers", objective.layout().size()),
                                fmt::format("{}", parameters.size())));
  }
  return detail::Descent<O, R>(objective, rule, parameters, options, observers, team).run();
}

}  // namespace ravine
