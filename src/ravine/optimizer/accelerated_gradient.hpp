#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ravine/optimizer/member_rule.hpp"

namespace ravine {

/// When acceleration begins anew.
enum class Restart {
  none,
  function,  ///< when the loss has risen
  gradient   ///< when the last step went uphill by the gradient it was made with
};

/// Nesterov's accelerated gradient (1983) with the adaptive restart of O'Donoghue and Candes 2015,
/// for losses without mini-batches. Evaluated at y_k, k counted from the last restart,
///   x_{k+1} = y_k - eta grad f(y_k),   y_{k+1} = x_{k+1} + k / (k + 3) (x_{k+1} - x_k);
/// it restarts, y_{k+1} = x_{k+1}, when <grad f(y_k), x_{k+1} - x_k> > 0 or f(y_k) > f(y_{k-1}).
struct AcceleratedGradient {
  Restart restart = Restart::gradient;

  std::string_view name() const { return "nesterov"; }

  template <class T>
  class Walk;
  template <class T>
  Walk<T> walk(std::span<const ParameterBlock> blocks) const {
    return Walk<T>(restart, size_of(blocks));
  }
};

template <class T>
class AcceleratedGradient::Walk {
 public:
  Walk(Restart restart, std::size_t size) : restart_(restart), previous_(size) {}

  bool move(const EvaluatedPoint<T>& y) {
    const auto eta = static_cast<T>(y.learning_rate);
    if (!begun_) std::ranges::copy(y.parameters, previous_.begin());
    double uphill = 0;
    for (std::size_t i = 0; i < previous_.size(); ++i) {
      const T x = y.parameters[i] - eta * y.gradient[i];
      uphill += static_cast<double>(y.gradient[i]) * static_cast<double>(x - previous_[i]);
    }
    const bool again = (restart_ == Restart::gradient && uphill > 0) ||
                       (restart_ == Restart::function && begun_ && y.loss > last_loss_);
    if (again) since_restart_ = 0;
    const auto beta = static_cast<T>(static_cast<double>(since_restart_) /
                                     static_cast<double>(since_restart_ + 3));
    for (std::size_t i = 0; i < previous_.size(); ++i) {
      const T x = y.parameters[i] - eta * y.gradient[i];
      y.parameters[i] = x + beta * (x - previous_[i]);
      previous_[i] = x;
    }
    ++since_restart_;
    last_loss_ = y.loss;
    begun_ = true;
    return true;
  }

  void exchange_state(StateArchive& state) {
    state.number("begun", begun_);
    state.number("since_restart", since_restart_);
    state.number("last_loss", last_loss_);
    state.values("previous", std::span(previous_));
  }

 private:
  Restart restart_;
  bool begun_ = false;
  std::int64_t since_restart_ = 0;  // k
  double last_loss_ = 0;
  std::vector<T> previous_;  // x_k
};

}  // namespace ravine
