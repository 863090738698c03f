#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/data/state_archive.hpp"
#include "ravine/descent/chunks.hpp"
#include "ravine/descent/evaluated_members.hpp"
#include "ravine/descent/update_norms.hpp"
#include "ravine/objective/parameter_layout.hpp"
#include "ravine/optimizer/member_rule.hpp"

namespace ravine {

/// Moves each member by a walk of its own: members over threads, so that the sums of a walk have
/// one order.
template <class R, class T>
class MemberMover {
 public:
  using Walk = decltype(std::declval<const R&>().template walk<T>({}));
  /// Whether an evaluated point may be one that the walk goes back from.
  static constexpr bool kTriesPoints = RejectingWalk<Walk, T>;
  static constexpr bool kMeasuresUpdates = false;

  /// Throws ShapeError unless the members' blocks lie together, member by member.
  MemberMover(const R& rule, const ParameterLayout& layout, std::span<const Chunk>) {
    std::span<const ParameterBlock> rest(layout.blocks());
    for (std::size_t k = 0; k < layout.members(); ++k) {
      std::size_t count = 0;
      while (count < rest.size() && rest[count].member == k) ++count;
      if (count == 0) refuse(k);
      const std::span<const ParameterBlock> blocks = rest.first(count);
      members_.push_back({blocks.front().offset, size_of(blocks), rule.template walk<T>(blocks)});
      rest = rest.subspan(count);
    }
    if (!rest.empty()) refuse(rest.front().member);
  }

  /// Before the last evaluation of a descent a walk that tries points goes back to the best one.
  void move(const EvaluatedMembers<T>& at, bool to_last, const UpdateSums& /*none*/,
            ThreadTeam& team) {
    team.run([&](int thread) {
      for (auto k = static_cast<std::size_t>(thread); k < members_.size();
           k += static_cast<std::size_t>(team.size())) {
        if (!at.active[k]) continue;
        Member& member = members_[k];
        const std::span<T> own = at.parameters.subspan(member.offset, member.size);
        member.gave_up = !member.walk.move(
            {at.losses[k], at.gradient.subspan(member.offset, member.size), own, at.learning_rate});
        if constexpr (kTriesPoints) {
          if (to_last) member.walk.rest(own);
        }
      }
    });
  }

  /// Whether the member's walk found no better point: its parameters are the best it knows.
  bool gave_up(std::size_t member) const { return members_[member].gave_up; }

  void exchange_state(StateArchive& state) {
    for (std::size_t k = 0; k < members_.size(); ++k) {
      const StateArchive::Scope scope = state.enter(fmt::format("walk{}", k + 1));
      state.number("gave_up", members_[k].gave_up);
      members_[k].walk.exchange_state(state);
    }
  }

 private:
  [[noreturn]] static void refuse(std::size_t member) {
    throw ShapeError(error_text("descend", fmt::format("blocks of member {}", member),
                                "at least one, all together and in the order of members",
                                "another order"));
  }

  struct Member {
    std::size_t offset;
    std::size_t size;
    Walk walk;
    bool gave_up = false;
  };
  std::vector<Member> members_;
};

}  // namespace ravine
