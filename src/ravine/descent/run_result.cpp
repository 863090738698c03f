#include "ravine/descent/run_result.hpp"

namespace ravine {

std::string_view name_of(Termination termination) {
  switch (termination) {
    case Termination::not_started:
      return "not_started";
    case Termination::max_steps:
      return "max_steps";
    case Termination::target_reached:
      return "target_reached";
    case Termination::converged:
      return "converged";
    case Termination::stalled:
      return "stalled";
    case Termination::diverged:
      return "diverged";
    case Termination::stopped:
      return "stopped";
    case Termination::interrupted:
      return "interrupted";
  }
  return "";
}

}  // namespace ravine
