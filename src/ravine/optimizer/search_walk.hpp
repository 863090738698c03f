#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "ravine/kernels/vector_ops.hpp"
#include "ravine/optimizer/member_rule.hpp"

namespace ravine {

/// What a search along a direction ended with.
template <class T>
struct SearchResult {
  std::span<const T> change;           ///< s = x_{k+1} - x_k
  std::span<const T> gradient_change;  ///< y = grad f(x_{k+1}) - grad f(x_k)
  double length = 0;                   ///< t, x_{k+1} = x_k + t d
  bool at_once = true;                 ///< no point was rejected
};

/// Searches along directions d of descent, one evaluation at a time. From x, x + t d is accepted
/// when Armijo's condition holds (1966),
///   f(x + t d) <= F + c1 t <grad f(x), d>,   c1 = 1e-4,
/// F the largest of the last kLossMemory accepted losses: f(x) itself for 1, the nonmonotone search
/// of Grippo, Lampariello and Lucidi 1986 for more. Where losses differ by rounding only, their
/// slopes decide instead (the approximate condition of Hager and Zhang 2005). Else t shrinks to the
/// minimiser of the parabola through f(x), its slope and f(x + t d), at least to a half and at most
/// to a tenth.
///
/// Chooser says where to and how far at first: `first_length(gradient, direction, learning_rate)`
/// fills the direction and returns t, learn(SearchResult) follows each acceptance, forget() drops
/// what was learnt and returns whether there was anything, exchange_state() saves or restores that,
/// kLossMemory is its memory of losses.
template <class T, class Chooser>
class SearchWalk {
 public:
  SearchWalk(Chooser chooser, std::size_t size)
      : chooser_(std::move(chooser)),
        accepted_(size),
        gradient_(size),
        direction_(size),
        change_(size),
        gradient_change_(size) {}

  bool move(const EvaluatedPoint<T>& point) {
    if (losses_ > 0 && !accepts(point)) return search_nearer(point);
    if (losses_ > 0) learn_from(point);
    std::ranges::copy(point.parameters, accepted_.begin());
    std::ranges::copy(point.gradient, gradient_.begin());
    loss_ = point.loss;
    recent_[losses_++ % recent_.size()] = point.loss;
    return choose_direction(point);
  }

  void rest(std::span<T> parameters) const { std::ranges::copy(accepted_, parameters.begin()); }

  void exchange_state(StateArchive& state) {
    chooser_.exchange_state(state);
    state.values("accepted", std::span(accepted_));
    state.values("gradient", std::span(gradient_));
    state.number("loss", loss_);
    state.number("losses", losses_);
    state.values("recent", std::span(recent_));
    state.values("direction", std::span(direction_));
    state.number("slope", slope_);
    state.number("length", length_);
    state.number("rejections", rejections_);
  }

 private:
  static constexpr double kDecrease = 1e-4;  // c1
  static constexpr int kMostRejections = 30;

  bool accepts(const EvaluatedPoint<T>& point) const {
    const double slope = dot(point.gradient, std::span<const T>(direction_));
    if (!std::isfinite(point.loss) || !std::isfinite(slope)) return false;
    const double reference =
        *std::max_element(recent_.begin(), recent_.begin() + std::min(losses_, recent_.size()));
    const double rounding = 8 * std::numeric_limits<T>::epsilon() * std::abs(reference);
    return point.loss <= reference + kDecrease * length_ * slope_ ||
           (point.loss <= reference + rounding && slope <= (2 * kDecrease - 1) * slope_);
  }

  bool search_nearer(const EvaluatedPoint<T>& point) {
    if (++rejections_ > kMostRejections) {
      const bool other_way = chooser_.forget();
      if (other_way) return choose_direction(point);
      rest(point.parameters);
      return false;
    }
    const double rise = point.loss - loss_ - slope_ * length_;
    const double parabola = -slope_ * length_ / (2 * rise);  // as a share of the length
    length_ *= std::isfinite(parabola) ? std::clamp(parabola, 0.1, 0.5) : 0.1;
    try_length(point);
    return true;
  }

  void learn_from(const EvaluatedPoint<T>& point) {
    for (std::size_t i = 0; i < accepted_.size(); ++i) {
      change_[i] = point.parameters[i] - accepted_[i];
      gradient_change_[i] = point.gradient[i] - gradient_[i];
    }
    chooser_.learn(SearchResult<T>{change_, gradient_change_, length_, rejections_ == 0});
  }

  bool choose_direction(const EvaluatedPoint<T>& point) {
    const std::span<const T> gradient(gradient_);
    rejections_ = 0;
    length_ = chooser_.first_length(gradient, direction_, point.learning_rate);
    slope_ = dot(gradient, std::span<const T>(direction_));
    if (!(slope_ < 0) && chooser_.forget()) return choose_direction(point);
    if (!(slope_ < 0)) {  // the gradient is zero
      rest(point.parameters);
      return false;
    }
    try_length(point);
    return true;
  }

  void try_length(const EvaluatedPoint<T>& point) const {
    rest(point.parameters);
    add_scaled(length_, std::span<const T>(direction_), point.parameters);
  }

  Chooser chooser_;
  std::vector<T> accepted_, gradient_;  // x and grad f(x)
  double loss_ = 0;                     // f(x)
  std::size_t losses_ = 0;              // accepted so far
  std::array<double, Chooser::kLossMemory> recent_{};
  std::vector<T> direction_;  // d
  double slope_ = 0;          // <grad f(x), d>
  double length_ = 0;         // t
  std::int64_t rejections_ = 0;
  std::vector<T> change_, gradient_change_;
};

/// direction <- -gradient.
template <class T>
void point_downhill(std::span<const T> gradient, std::span<T> direction) {
  for (std::size_t i = 0; i < gradient.size(); ++i) direction[i] = -gradient[i];
}

/// What choosers of the direction -grad f(x) share: the first length is what learn() made of the
/// last search, before that the learning rate.
template <class T>
class SteepestDescent {
 public:
  double first_length(std::span<const T> gradient, std::span<T> direction, double learning_rate) {
    point_downhill(gradient, direction);
    return next_length_ > 0 ? next_length_ : learning_rate;
  }
  bool forget() { return false; }
  void exchange_state(StateArchive& state) { state.number("next_length", next_length_); }

 protected:
  double next_length_ = 0;
};

}  // namespace ravine
