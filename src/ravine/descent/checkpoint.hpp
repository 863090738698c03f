#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "ravine/data/state_archive.hpp"
#include "ravine/descent/observer.hpp"
#include "ravine/descent/run_result.hpp"

namespace ravine {

/// How a descent keeps what it needs to go on after it was killed. What follows has the same bits
/// as without the interruption, under any rule and for any number of members.
struct Checkpoints {
  std::int64_t every = 0;                         ///< steps from one to the next; 0: none
  std::function<void(const StateArchive&)> keep;  ///< takes each
  StateArchive* resume_from = nullptr;            ///< one that was read; null: begin at the start
};

namespace detail {

/// What the loop remembers from step to step, beside parameters, mover and results.
struct LoopState {
  std::int64_t step = 0;             ///< the next one
  double seconds_before = 0;         ///< of the parts before the last interruption
  std::vector<double> first_losses;  ///< one a member
};

/// Saves or restores the loop and what is known of the members. `seconds`: since the descent went
/// on.
void exchange_loop(StateArchive& state, LoopState& loop, double seconds, RunResult& result);

/// Saves or restores a descent: the loop, the mover, then its observers in their order. Throws
/// DataError when the archive is of another one.
template <class T, class Mover>
void exchange_descent(StateArchive& state, LoopState& loop, double seconds, RunResult& result,
                      std::span<T> parameters, Mover& mover,
                      std::span<Observer<T>* const> observers) {
  exchange_loop(state, loop, seconds, result);
  state.values("parameters", parameters);
  mover.exchange_state(state);
  for (Observer<T>* observer : observers) observer->exchange_state(state);
}

/// Throws DataError unless a restored descent is within its steps and some member goes on.
void check(const LoopState& loop, const RunResult& result, std::int64_t max_steps);

/// exchange(archive) saves or restores everything, `loop` and `result` too. Restores, and keeps
/// that at once, so that its source is needed no more; nothing for a descent that begins. Throws
/// DataError.
template <class Exchange>
void resume(const Checkpoints& checkpoints, const LoopState& loop, const RunResult& result,
            std::int64_t max_steps, Exchange exchange) {
  if (checkpoints.resume_from == nullptr) return;
  exchange(*checkpoints.resume_from);
  check(loop, result, max_steps);
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
