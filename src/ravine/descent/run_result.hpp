#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ravine {

/// Why a descent ended. A numerical outcome is data, never an exception.
enum class Termination {
  not_started,
  max_steps,       ///< the step limit
  target_reached,  ///< an observer saw its target reached
  converged,       ///< the gradient norm fell to the tolerance
  stalled,         ///< the step rule found no better point
  diverged,        ///< the loss became non-finite or grew too far over its start
  stopped,         ///< an observer asked for it
  interrupted,     ///< a signal, passed on by an observer
};

std::string_view name_of(Termination termination);

/// How one member of an objective ended.
struct MemberResult {
  Termination termination = Termination::not_started;
  std::string message = "run was not started";
  std::int64_t steps = 0;    ///< updates made
  double loss = 0;           ///< at the last evaluation
  double gradient_norm = 0;  ///< over all blocks of the member, at the last evaluation
};

/// How a run ended. By default it says that it never ran.
struct RunResult {
  Termination termination = Termination::not_started;
  std::string message = "run was not started";
  std::int64_t steps = 0;
  double elapsed_seconds = 0;
  std::vector<MemberResult> members;
  std::vector<std::int64_t> resumed_after;  ///< steps made each time it went on from a checkpoint
};

}  // namespace ravine
