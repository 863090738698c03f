#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "ravine/base/error.hpp"
#include "ravine/data/state_archive.hpp"
#include "ravine/descent/observer.hpp"
#include "ravine/descent/run_result.hpp"

namespace ravine {

/// How a descent keeps what it needs to go on after it was killed. What follows has the same bits
/// as without the interruption. For objectives of one member under a StepRule.
struct Checkpoints {
  std::int64_t every = 0;                         ///< steps from one to the next; 0: none
  std::function<void(const StateArchive&)> keep;  ///< takes each
  StateArchive* resume_from = nullptr;            ///< one that was read; null: begin at the start

  bool are_on() const { return every > 0 || resume_from != nullptr; }
};

namespace detail {

/// A mover whose state can be kept.
template <class Mover>
concept KeepableMover = requires(Mover& mover, StateArchive& state) {
  mover.exchange_state(state);
};

/// What the loop remembers from step to step, beside parameters and mover.
struct LoopState {
  std::int64_t step = 0;      ///< the next one
  double seconds_before = 0;  ///< of the parts before the last interruption
  std::vector<double> first_losses;
};

/// Saves or restores a descent: the loop, the mover if it is keepable, then its observers in their
/// order. `seconds`: since the descent went on. Throws DataError when the archive is of another
/// one.
template <class T, class Mover>
void exchange_descent(StateArchive& state, LoopState& loop, double seconds, MemberResult& member,
                      std::span<T> parameters, Mover& mover,
                      std::span<Observer<T>* const> observers) {
  state.number("step", loop.step);
  double all_seconds = loop.seconds_before + seconds;
  state.number("seconds", all_seconds);
  if (state.restores()) loop.seconds_before = all_seconds;
  loop.first_losses.resize(1);
  state.values("first_loss", std::span(loop.first_losses));
  state.number("loss", member.loss);
  state.number("gradient_norm", member.gradient_norm);
  member.steps = loop.step;
  state.values("parameters", parameters);
  if constexpr (KeepableMover<Mover>) mover.exchange_state(state);
  for (Observer<T>* observer : observers) observer->exchange_state(state);
}

/// Throws ConfigError when checkpoints are on for a descent whose state is not kept.
void check(const Checkpoints& checkpoints, bool mover_is_keepable, std::size_t members);

/// Throws DataError unless a restored descent is within its steps.
void check(const LoopState& restored, std::int64_t max_steps);

/// exchange(archive) saves or restores everything, `loop` too. Restores, and keeps that at once, so
/// that its source is needed no more; nothing for a descent that begins. Throws DataError.
template <class Exchange>
void resume(const Checkpoints& checkpoints, const LoopState& loop, std::int64_t max_steps,
            Exchange exchange) {
  if (checkpoints.resume_from == nullptr) return;
  exchange(*checkpoints.resume_from);
  check(loop, max_steps);
  StateArchive state;
  exchange(state);
  checkpoints.keep(state);
}

template <class Exchange>
void keep_if_due(const Checkpoints& checkpoints, std::int64_t steps, Exchange exchange) {
  if (checkpoints.every == 0 || steps % checkpoints.every != 0) return;
  StateArchive state;
  exchange(state);
  checkpoints.keep(state);
}

}  // namespace detail

}  // namespace ravine
