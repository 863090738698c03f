#pragma once

#include <span>
#include <string_view>

#include "ravine/optimizer/search_walk.hpp"

namespace ravine {

/// Gradient descent with the step of Barzilai and Borwein 1988, t = <s, s> / <s, y> of the last
/// change s of the parameters and y of the gradient, made safe by the nonmonotone search over ten
/// losses of Raydan 1997. The learning rate is the first step; where <s, y> <= 0 the step doubles.
struct BarzilaiBorwein {
  std::string_view name() const { return "barzilai-borwein"; }

  template <class T>
  class Chooser : public SteepestDescent<T> {
   public:
    static constexpr std::size_t kLossMemory = 10;

    void learn(const SearchResult<T>& result) {
      const double curvature = dot(result.change, result.gradient_change);
      const double square = squared_norm(result.change);
      this->next_length_ = curvature > 0 ? square / curvature : 2 * result.length;
    }
  };

  template <class T>
  SearchWalk<T, Chooser<T>> walk(std::span<const ParameterBlock> blocks) const {
    return {Chooser<T>(), size_of(blocks)};
  }
};

}  // namespace ravine
