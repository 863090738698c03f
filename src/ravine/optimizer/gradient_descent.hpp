#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "ravine/kernels/measured_step.hpp"
#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

/// w <- w - eta (g + lambda w), lambda the weight decay.
struct GradientDescent {
  double weight_decay = 0;

  std::string_view name() const { return "gd"; }
  std::size_t state_per_parameter() const { return 0; }

  template <class T>
  void update(std::span<T> w, std::span<const T> g, std::span<T>, double learning_rate,
              std::int64_t) const {
    decay(w, learning_rate);
    add_scaled(-learning_rate, g, w);
  }

  template <class T>
  StepSums update_and_measure(std::span<T> w, std::span<const T> g, std::span<T>,
                              double learning_rate, std::int64_t, std::span<const T> last_g,
                              bool weighs) const {
    decay(w, learning_rate);
    return add_scaled_and_measure(-learning_rate, g, last_g, w, weighs);
  }

  bool follows_gradient() const { return weight_decay == 0; }

 private:
  template <class T>
  void decay(std::span<T> w, double learning_rate) const {
    if (weight_decay != 0) add_scaled(-learning_rate * weight_decay, std::span<const T>(w), w);
  }
};

}  // namespace ravine
