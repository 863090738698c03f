#include "ravine/descent/checkpoint.hpp"

#include <fmt/format.h>

namespace ravine::detail {

void check(const Checkpoints& checkpoints, bool mover_is_keepable, std::size_t members) {
  if (!checkpoints.are_on() || (mover_is_keepable && members == 1)) return;
  throw ConfigError(error_text(
      "descend", "checkpoints", "one member under an entrywise rule",
      mover_is_keepable ? fmt::format("{} members", members) : "a rule with a walk of its own"));
}

void check(const LoopState& restored, std::int64_t max_steps) {
  if (restored.step >= 0 && restored.step <= max_steps) return;
  throw DataError(error_text("checkpoint", "step", fmt::format("0 to {}", max_steps),
                             fmt::format("{}", restored.step)));
}

}  // namespace ravine::detail
