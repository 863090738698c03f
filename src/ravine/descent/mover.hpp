#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/data/state_archive.hpp"
#include "ravine/descent/block_norms.hpp"
#include "ravine/descent/update_norms.hpp"
#include "ravine/kernels/measured_step.hpp"
#include "ravine/kernels/successive.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/parameter_layout.hpp"
#include "ravine/optimizer/member_rule.hpp"
#include "ravine/optimizer/step_rule.hpp"

namespace ravine {

/// All members where they were just evaluated. Only active ones are moved.
template <class T>
struct EvaluatedMembers {
  std::int64_t step = 0;
  double learning_rate = 0;
  std::span<const double> losses;
  std::span<const std::uint8_t> active;
  std::span<const T> gradient;       ///< flat
  std::span<const T> last_gradient;  ///< of the step before; empty where not compared
  std::span<T> parameters;           ///< flat
};

/// Moves the members of an objective by a StepRule: all chunks of all blocks, over all threads.
template <class R, class T>
class EntrywiseMover {
 public:
  static constexpr bool kTriesPoints = false;
  static constexpr bool kMeasuresUpdates = true;

  EntrywiseMover(const R& rule, const ParameterLayout& layout, std::span<const Chunk> chunks)
      : rule_(rule),
        layout_(layout),
        chunks_(chunks),
        state_(rule.state_per_parameter() * layout.size()) {}

  void move(const EvaluatedMembers<T>& at, bool /*to_last*/, const UpdateSums& sums,
            ThreadTeam& team) {
    team.run([&](int member) {
      for_each_own_chunk(chunks_, team, member, [&](std::size_t c) {
        if (sums.changes.empty()) {
          update_and_sum(at, sums, c);
        } else {
          sums.changes[c] = update_and_compare(at, sums, c);
        }
      });
    });
  }

  bool gave_up(std::size_t /*member*/) const { return false; }

  void exchange_state(StateArchive& state) { state.values("rule", std::span(state_)); }

 private:
  template <class U>
  static std::span<U> of(std::span<U> flat, const Chunk& chunk) {
    return flat.subspan(chunk.offset, chunk.size);
  }
  bool moves(const EvaluatedMembers<T>& at, const Chunk& chunk) const {
    return at.active[layout_.blocks()[chunk.block].member] != 0;
  }

  /// Calls work with all that an update of the chunk takes.
  template <class Work>
  auto with_arguments(const EvaluatedMembers<T>& at, const Chunk& chunk, Work work) {
    const std::size_t per = rule_.state_per_parameter();
    return work(of(at.parameters, chunk), of(at.gradient, chunk),
                std::span(state_).subspan(per * chunk.offset, per * chunk.size), at.learning_rate,
                at.step);
  }

  void update(const EvaluatedMembers<T>& at, const Chunk& chunk) {
    if (!moves(at, chunk)) return;
    with_arguments(at, chunk, [this](auto... all) { rule_.update(all...); });
  }

  /// With whatever of the gradient and the parameters is wanted.
  StepSums update_and_measure(const EvaluatedMembers<T>& at, const UpdateSums& sums,
                              const Chunk& chunk) {
    const bool weighs = !sums.squares.empty();
    const std::span<const T> last =
        sums.gradient.products.empty() ? std::span<const T>() : of(at.last_gradient, chunk);
    if constexpr (MeasuringRule<R, T>) {
      if (moves(at, chunk)) {
        return with_arguments(
            at, chunk, [&](auto... all) { return rule_.update_and_measure(all..., last, weighs); });
      }
    }
    StepSums found;
    if (!last.empty()) {
      const ProductSums products = square_and_product(of(at.gradient, chunk), last);
      found = {products.square, products.product};
    } else if (!sums.gradient.squares.empty()) {
      found.square = squared_norm(of(at.gradient, chunk));
    }
    update(at, chunk);
    if (weighs) found.moved_square = squared_norm(of<const T>(at.parameters, chunk));
    return found;
  }

  void update_and_sum(const EvaluatedMembers<T>& at, const UpdateSums& sums, std::size_t c) {
    if (sums.squares.empty() && sums.gradient.squares.empty()) return update(at, chunks_[c]);
    const StepSums found = update_and_measure(at, sums, chunks_[c]);
    if (!sums.squares.empty()) sums.squares[c] = found.moved_square;
    if (!sums.gradient.squares.empty()) sums.gradient.squares[c] = found.square;
    if (!sums.gradient.products.empty()) sums.gradient.products[c] = found.product;
  }

  /// Returns the squared norm of what was added to the chunk.
  double update_and_compare(const EvaluatedMembers<T>& at, const UpdateSums& sums, std::size_t c) {
    const std::span<const T> moved = of<const T>(at.parameters, chunks_[c]);
    std::array<T, kLargestChunk> before;
    std::ranges::copy(moved, before.begin());
    update_and_sum(at, sums, c);
    return squared_distance(moved, std::span(before).first(moved.size()));
  }

  const R& rule_;
  const ParameterLayout& layout_;
  std::span<const Chunk> chunks_;
  AlignedBuffer<T> state_;
};

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

template <class R, class T>
using MoverOf = std::conditional_t<StepRule<R, T>, EntrywiseMover<R, T>, MemberMover<R, T>>;

/// A rule that descend() can follow.
template <class R, class T>
concept DescentRule = StepRule<R, T> || MemberRule<R, T>;

}  // namespace ravine
