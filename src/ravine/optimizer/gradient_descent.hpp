#pragma once

#include <span>
#include <string_view>

#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

/// w <- w - eta g.
struct GradientDescent {
  std::string_view name() const { return "gd"; }
  std::size_t state_per_parameter() const { return 0; }

  template <class T>
  void update(std::span<T> parameters, std::span<const T> gradient, std::span<T>,
              double learning_rate) const {
    add_scaled(-learning_rate, gradient, parameters);
  }
};

}  // namespace ravine
