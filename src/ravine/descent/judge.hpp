#pragma once

#include <cstdint>
#include <span>

#include <fmt/format.h>

#include "ravine/descent/descent_options.hpp"
#include "ravine/descent/observer.hpp"
#include "ravine/descent/run_result.hpp"
#include "ravine/objective/parameter_layout.hpp"

// When members of a descent end, and what their ends come to.

namespace ravine::detail {

/// Sets the termination of members that converged or diverged at this step. A point that a walk may
/// go back from (`is_trial`) does not show divergence.
void judge_members(const ParameterLayout& layout, const DescentOptions& options,
                   std::span<const double> losses, std::span<const double> first_losses,
                   std::span<const double> block_norms, std::int64_t step, bool is_trial,
                   std::span<const std::uint8_t> active, std::span<MemberResult> members);

/// Whether no active member can be expected to end at a step, of which the losses are known and, in
/// `members`, the gradients of the step before: none is to converge, and losses and gradients are
/// far, by a square root, from `largest`, the largest of their numbers.
bool all_seem_to_go_on(const DescentOptions& options, std::span<const double> losses,
                       std::span<const double> first_losses, double largest,
                       std::span<const std::uint8_t> active, std::span<const MemberResult> members);

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

}  // namespace ravine::detail
