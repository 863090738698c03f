#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/data/state_archive.hpp"
#include "ravine/descent/chunks.hpp"
#include "ravine/descent/evaluated_members.hpp"
#include "ravine/descent/update_norms.hpp"
#include "ravine/kernels/measured_step.hpp"
#include "ravine/kernels/successive.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/parameter_layout.hpp"
#include "ravine/optimizer/step_rule.hpp"

namespace ravine {

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
  bool moves(const EvaluatedMembers<T>& at, const Chunk& chunk) const {
    return at.active[layout_.blocks()[chunk.block].member] != 0;
  }

  /// Calls work with all that an update of the chunk takes.
  template <class Work>
  auto with_arguments(const EvaluatedMembers<T>& at, const Chunk& chunk, Work work) {
    const std::size_t per = rule_.state_per_parameter();
    return work(chunk.of(at.parameters), chunk.of(at.gradient),
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
        sums.gradient_products.empty() ? std::span<const T>() : chunk.of(at.last_gradient);
    if constexpr (MeasuringRule<R, T>) {
      if (moves(at, chunk)) {
        return with_arguments(
            at, chunk, [&](auto... all) { return rule_.update_and_measure(all..., last, weighs); });
      }
    }
    StepSums found;
    if (!last.empty()) {
      const ProductSums products = square_and_product(chunk.of(at.gradient), last);
      found = {products.square, products.product};
    } else if (!sums.gradient_squares.empty()) {
      found.square = squared_norm(chunk.of(at.gradient));
    }
    update(at, chunk);
    if (weighs) found.moved_square = squared_norm(chunk.of(std::span<const T>(at.parameters)));
    return found;
  }

  void update_and_sum(const EvaluatedMembers<T>& at, const UpdateSums& sums, std::size_t c) {
    if (sums.squares.empty() && sums.gradient_squares.empty()) return update(at, chunks_[c]);
    const StepSums found = update_and_measure(at, sums, chunks_[c]);
    if (!sums.squares.empty()) sums.squares[c] = found.moved_square;
    if (!sums.gradient_squares.empty()) sums.gradient_squares[c] = found.square;
    if (!sums.gradient_products.empty()) sums.gradient_products[c] = found.product;
  }

  /// Returns the squared norm of what was added to the chunk.
  double update_and_compare(const EvaluatedMembers<T>& at, const UpdateSums& sums, std::size_t c) {
    const std::span<const T> moved = chunks_[c].of(std::span<const T>(at.parameters));
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

}  // namespace ravine
