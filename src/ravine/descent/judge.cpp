#include "ravine/descent/judge.hpp"

#include <algorithm>
#include <cmath>

namespace ravine::detail {

namespace {

bool exceeds(const DescentOptions& options, double loss, double first_loss) {
  return first_loss != 0 && options.divergence_factor > 0 &&
         loss > options.divergence_factor * std::abs(first_loss);
}

}  // namespace

bool all_seem_to_go_on(const DescentOptions& options, std::span<const double> losses,
                       std::span<const double> first_losses, double largest,
                       std::span<const std::uint8_t> active,
                       std::span<const MemberResult> members) {
  if (options.gradient_tolerance > 0) return false;
  const double far = std::sqrt(largest);
  for (std::size_t k = 0; k < members.size(); ++k) {
    if (!active[k]) continue;
    if (!(std::abs(losses[k]) < far && members[k].gradient_norm < far)) return false;
    if (exceeds(options, losses[k], first_losses[k])) return false;
  }
  return true;
}

void judge_members(const ParameterLayout& layout, const DescentOptions& options,
                   std::span<const double> losses, std::span<const double> first_losses,
                   std::span<const double> block_norms, std::int64_t step, bool is_trial,
                   std::span<const std::uint8_t> active, std::span<MemberResult> members) {
  std::vector<double> squares(members.size());
  for (std::size_t b = 0; b < block_norms.size(); ++b) {
    squares[layout.blocks()[b].member] += block_norms[b] * block_norms[b];
  }
  for (std::size_t k = 0; k < members.size(); ++k) {
    if (!active[k]) continue;
    MemberResult& member = members[k];
    member.loss = losses[k];
    member.gradient_norm = std::sqrt(squares[k]);
    const bool is_finite = std::isfinite(losses[k]) && std::isfinite(squares[k]);
    if (is_trial && !(is_finite && losses[k] <= first_losses[k])) continue;
    if (!is_finite) {
      member.termination = Termination::diverged;
      member.message = fmt::format("loss or gradient not finite after {} steps", step);
    } else if (exceeds(options, losses[k], first_losses[k])) {
      member.termination = Termination::diverged;
      member.message = fmt::format("loss {:.3g} after {} steps is over {:g} times its start {:.3g}",
                                   losses[k], step, options.divergence_factor, first_losses[k]);
    } else if (options.gradient_tolerance > 0 &&
               member.gradient_norm <= options.gradient_tolerance) {
      member.termination = Termination::converged;
      member.message = fmt::format("gradient norm {:.3g} after {} steps is within {:g}",
                                   member.gradient_norm, step, options.gradient_tolerance);
    }
  }
}

bool retire_members(std::span<const MemberResult> members, std::span<std::uint8_t> active) {
  for (std::size_t k = 0; k < members.size(); ++k) {
    if (members[k].termination != Termination::not_started) active[k] = 0;
  }
  return std::ranges::any_of(active, [](std::uint8_t flag) { return flag != 0; });
}

void count_step(std::span<const std::uint8_t> moving, std::span<MemberResult> members) {
  for (std::size_t k = 0; k < members.size(); ++k) members[k].steps += moving[k];
}

RunResult unstarted(std::size_t members) {
  RunResult result;
  result.members.resize(members);
  return result;
}

void summarise(RunResult& result) {
  const auto severity = [](Termination termination) {
    switch (termination) {
      case Termination::interrupted:
        return 5;
      case Termination::stopped:
        return 4;
      case Termination::max_steps:
        return 3;
      case Termination::target_reached:
        return 2;
      case Termination::converged:
      case Termination::stalled:
        return 1;
      case Termination::diverged:
        return 0;  // speaks for the run only when all members diverged
      case Termination::not_started:
        return -1;
    }
    return -1;
  };
  for (const MemberResult& member : result.members) {
    const int rank = severity(member.termination) - severity(result.termination);
    if (rank > 0 || (rank == 0 && member.steps > result.steps)) {
      result.termination = member.termination;
      result.message = member.message;
      result.steps = member.steps;
    }
  }
  for (const MemberResult& member : result.members) {
    result.steps = std::max(result.steps, member.steps);
  }
}

}  // namespace ravine::detail
