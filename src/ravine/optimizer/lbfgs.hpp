#pragma once

#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "ravine/optimizer/search_walk.hpp"

namespace ravine {

/// L-BFGS (Liu and Nocedal 1989): the direction is -H grad f with the inverse Hessian H that the
/// last `history` changes (s, y) make of <s, y> / <y, y> I, by the two loops of Nocedal 1980. The
/// search begins at t = 1, for the first direction, -grad f, at the learning rate. Pairs without
/// positive curvature are left out, which backtracking alone would not prevent.
struct Lbfgs {
  std::size_t history = 20;

  std::string_view name() const { return "lbfgs"; }

  template <class T>
  class Chooser;
  template <class T>
  SearchWalk<T, Chooser<T>> walk(std::span<const ParameterBlock> blocks) const {
    return {Chooser<T>(history, size_of(blocks)), size_of(blocks)};
  }
};

template <class T>
class Lbfgs::Chooser {
 public:
  static constexpr std::size_t kLossMemory = 1;

  Chooser(std::size_t history, std::size_t size)
      : history_(history),
        size_(size),
        changes_(history * size),
        gradient_changes_(history * size),
        curvatures_(history),
        weights_(history) {}

  double first_length(std::span<const T> gradient, std::span<T> direction, double learning_rate) {
    point_downhill(gradient, direction);
    if (stored() == 0) return learning_rate;
    const std::size_t first = pairs_ - stored();
    for (std::size_t pair = pairs_; pair-- > first;) {
      double& weight = weights_[pair % history_];
      weight = dot(changes(pair), std::span<const T>(direction)) / curvatures_[pair % history_];
      add_scaled(-weight, gradient_changes(pair), direction);
    }
    for (T& entry : direction) entry *= static_cast<T>(scale_);
    for (std::size_t pair = first; pair < pairs_; ++pair) {
      const double share =
          dot(gradient_changes(pair), std::span<const T>(direction)) / curvatures_[pair % history_];
      add_scaled(weights_[pair % history_] - share, changes(pair), direction);
    }
    return 1;
  }

  void learn(const SearchResult<T>& result) {
    const double curvature = dot(result.change, result.gradient_change);
    const double square = squared_norm(result.gradient_change);
    if (!(curvature > std::numeric_limits<T>::epsilon() * square)) return;
    const std::size_t place = pairs_++ % history_;
    const auto at = static_cast<std::ptrdiff_t>(place * size_);
    std::ranges::copy(result.change, changes_.begin() + at);
    std::ranges::copy(result.gradient_change, gradient_changes_.begin() + at);
    curvatures_[place] = curvature;
    scale_ = curvature / square;
  }

  bool forget() {
    const bool any = pairs_ > 0;
    pairs_ = 0;
    return any;
  }

  void exchange_state(StateArchive& state) {
    state.number("pairs", pairs_);
    state.values("changes", std::span(changes_));
    state.values("gradient_changes", std::span(gradient_changes_));
    state.values("curvatures", std::span(curvatures_));
    state.number("scale", scale_);
  }

 private:
  std::size_t stored() const { return std::min(pairs_, history_); }
  std::span<const T> changes(std::size_t pair) const {
    return std::span(changes_).subspan(pair % history_ * size_, size_);
  }
  std::span<const T> gradient_changes(std::size_t pair) const {
    return std::span(gradient_changes_).subspan(pair % history_ * size_, size_);
  }

  std::size_t history_;
  std::size_t size_;
  std::size_t pairs_ = 0;                      // learnt so far; pair k is kept at k % history
  std::vector<T> changes_, gradient_changes_;  // (history, n): s, y
  std::vector<double> curvatures_;             // <s, y>
  std::vector<double> weights_;
  double scale_ = 1;  // <s, y> / <y, y> of the last pair
};

}  // namespace ravine
