#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "ravine/objective/mlp_config.hpp"

namespace ravine::testing {

inline constexpr std::size_t kInputs = 20, kClasses = 5;

inline MlpConfig config_of(std::vector<std::size_t> hidden,
                           Activation activation = Activation::relu, bool bias = false) {
  return {kInputs, std::move(hidden), kClasses, activation, bias};
}

template <class T>
std::vector<T> parameters_of(const MlpConfig& config) {
  const std::vector<float> drawn = initial_parameters(config, Initialization::torch, 1.5, 7);
  return {drawn.begin(), drawn.end()};
}

}  // namespace ravine::testing
