#include "ravine/descent/checkpoint.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine::detail {

namespace {

constexpr auto kLastTermination = static_cast<std::int64_t>(Termination::interrupted);

[[noreturn]] void refuse(std::string_view what, const std::string& expected,
                         const std::string& got) {
  throw DataError(error_text("checkpoint", what, expected, got));
}

void exchange_member(StateArchive& state, MemberResult& member) {
  auto termination = static_cast<std::int64_t>(member.termination);
  state.number("termination", termination);
  if (termination > kLastTermination) {
    refuse("termination", fmt::format("0 to {}", kLastTermination), fmt::format("{}", termination));
  }
  member.termination = static_cast<Termination>(termination);
  state.text("message", member.message);
  state.number("steps", member.steps);
  state.number("loss", member.loss);
  state.number("gradient_norm", member.gradient_norm);
}

void exchange_resumptions(StateArchive& state, const LoopState& loop,
                          std::vector<std::int64_t>& resumed_after) {
  std::vector<double> steps(resumed_after.begin(), resumed_after.end());
  state.rows("resumed_after", steps, 1);
  if (!state.restores()) return;
  resumed_after.clear();
  for (const double step : steps) resumed_after.push_back(state.count("resumed_after", step));
  resumed_after.push_back(loop.step);
}

}  // namespace

void exchange_loop(StateArchive& state, LoopState& loop, double seconds, RunResult& result) {
  state.number("step", loop.step);
  double all_seconds = loop.seconds_before + seconds;
  state.number("seconds", all_seconds);
  if (state.restores()) loop.seconds_before = all_seconds;
  exchange_resumptions(state, loop, result.resumed_after);
  loop.first_losses.resize(result.members.size());
  state.values("first_losses", std::span(loop.first_losses));
  for (std::size_t k = 0; k < result.members.size(); ++k) {
    const StateArchive::Scope scope = state.enter(fmt::format("member{}", k + 1));
    exchange_member(state, result.members[k]);
  }
}

void check(const LoopState& loop, const RunResult& result, std::int64_t max_steps) {
  if (loop.step < 0 || loop.step > max_steps) {
    refuse("step", fmt::format("0 to {}", max_steps), fmt::format("{}", loop.step));
  }
  const auto goes_on = [](const MemberResult& member) {
    return member.termination == Termination::not_started;
  };
  if (std::ranges::none_of(result.members, goes_on)) {
    refuse("termination", "of some member none yet", "one of all");
  }
}

}  // namespace ravine::detail
