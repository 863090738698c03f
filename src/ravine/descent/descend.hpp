#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>
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
#include "ravine/descent/update_norms.hpp"
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

/// moving: one a member <- whether it is active and its loss gives no reason to end it.
void find_moving(const DescentOptions& options, std::span<const double> losses,
                 std::span<const double> first_losses, std::span<const std::uint8_t> active,
                 std::span<std::uint8_t> moving);

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

/// One more update was made for every member that moves.
void count_step(std::span<const std::uint8_t> moving, std::span<MemberResult> members);

/// What is known of a run before its first step.
RunResult unstarted(std::size_t members);

/// Sums up the members: the termination that left most undone speaks for the run, of equal ones the
/// last; divergence only when all members diverged.
void summarise(RunResult& result);

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
        moving_(active_),
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
    return retire_members(result_.members, active_) && move();
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
    has_moved_ = moves_unseen();
    if (has_moved_) {
      find_moving(options_, losses_, loop_.first_losses, active_, moving_);
      update(moving_, last, block_norms_.expect(!last.empty()));
      block_norms_.take(!last.empty(), norms_, products_);
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
            .parameters = has_moved_ ? std::span<const T>() : parameters_,
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

  /// Whether this step's update can be made before anybody but find_moving() judges it.
  bool moves_unseen() const {
    return mover_.kMeasuresUpdates && loop_.step < options_.max_steps &&
           !options_.clipping.is_on() && options_.gradient_tolerance == 0 &&
           !any(&Observer<T>::looks_before_update, loop_.step);
  }

  bool measures_next_update() const {
    return mover_.kMeasuresUpdates && any(&Observer<T>::measures_update, loop_.step + 1);
  }

  void update(std::span<const std::uint8_t> moving, std::span<const T> last_gradient,
              const GradientSums& of_gradient) {
    const std::int64_t step = loop_.step;
    UpdateSums sums = update_norms_.expect(
        mover_.kMeasuresUpdates && any(&Observer<T>::weighs_parameters, step + 1),
        measures_next_update() && !follows_gradient());
    sums.gradient = of_gradient;
    mover_.move(
        {step, learning_rate(), losses_, moving, gradients_.of(step), last_gradient, parameters_},
        step + 1 == options_.max_steps, sums, team_);
    count_step(moving, result_.members);
  }

  /// Returns whether any member goes on behind it.
  bool move() {
    const std::int64_t step = loop_.step;
    if (!has_moved_) update(active_, {}, {});
    update_norms_.take();
    if (measures_next_update() && follows_gradient()) foresee_update(update_norms_.of_update());
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
      const bool moves = active_[objective_.layout().blocks()[b].member] != 0;
      norms[b] = moves ? learning_rate() * steps[b] : 0;
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
  std::vector<std::uint8_t> moving_;   // those of them that find_moving() found
  bool has_moved_ = false;             // this step's update was made before its event
  RunResult result_;
  StopRequests requests_;
  LoopState loop_;
};

}  // namespace detail

/// Descends `objective` from `parameters`, in place: evaluates, clips, shows the StepEvent to the
/// observers in order, moves (or moves first, where none of them looks), again and again until the
/// step limit, or until every member has
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
  if (parameters.size() != objective.layout().size()) {
    throw ShapeError(error_text("descend", "parameters",
                                fmt::format("{} numbers", objective.layout().size()),
                                fmt::format("{}", parameters.size())));
  }
  return detail::Descent<O, R>(objective, rule, parameters, options, observers, team).run();
}

}  // namespace ravine
