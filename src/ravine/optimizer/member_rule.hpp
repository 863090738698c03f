#pragma once

#include <concepts>
#include <span>
#include <string_view>

#include "ravine/data/state_archive.hpp"
#include "ravine/objective/parameter_layout.hpp"

namespace ravine {

/// One member of an objective where it was just evaluated. Both spans hold all its blocks, one
/// after the other.
template <class T>
struct EvaluatedPoint {
  double loss = 0;
  std::span<const T> gradient;
  std::span<T> parameters;  ///< to be moved
  double learning_rate = 0;
};

/// How a member moves when its whole vector must be seen: for inner products, or for its shape as a
/// matrix. A rule is a configuration; walk() makes what follows one member and remembers. After
/// each evaluation the walk's move() looks at the point and writes the next one to evaluate, so
/// that members in the midst of line searches share every evaluation. It returns whether it found
/// one: after false the parameters are where the walk ends. exchange_state() saves or restores what
/// it remembers between moves.
///
/// A walk that may reject a point it has tried also has rest(parameters), which goes back to the
/// best point accepted.
template <class R, class T>
concept MemberRule = requires(const R& rule, std::span<const ParameterBlock> blocks,
                              const EvaluatedPoint<T>& point, StateArchive& state) {
  { rule.name() } -> std::convertible_to<std::string_view>;
  { rule.template walk<T>(blocks).move(point) } -> std::same_as<bool>;
  rule.template walk<T>(blocks).exchange_state(state);
};

template <class W, class T>
concept RejectingWalk = requires(const W& walk, std::span<T> parameters) {
  walk.rest(parameters);
};

/// The number of parameters in the blocks.
inline std::size_t size_of(std::span<const ParameterBlock> blocks) {
  std::size_t size = 0;
  for (const ParameterBlock& block : blocks) size += block.size();
  return size;
}

}  // namespace ravine
