#pragma once

#include <span>
#include <string_view>

#include "ravine/optimizer/search_walk.hpp"

namespace ravine {

/// Gradient descent whose step a backtracking search chooses (Armijo 1966), from the learning rate
/// at first. A step that was accepted at once makes the next search begin twice as far.
struct LineSearch {
  std::string_view name() const { return "line-search"; }

  template <class T>
  class Chooser : public SteepestDescent<T> {
   public:
    static constexpr std::size_t kLossMemory = 1;

    void learn(const SearchResult<T>& result) {
      this->next_length_ = result.at_once ? 2 * result.length : result.length;
    }
  };

  template <class T>
  SearchWalk<T, Chooser<T>> walk(std::span<const ParameterBlock> blocks) const {
    return {Chooser<T>(), size_of(blocks)};
  }
};

}  // namespace ravine
