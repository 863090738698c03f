#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "ravine/diagnosis/norm_history.hpp"
#include "support/vectors.hpp"

namespace ravine::testing {

/// Norms norm(layer, step), with a tenth of a decade of noise.
inline NormHistory history_of(std::size_t layers, int steps,
                              const std::function<double(double, int)>& norm) {
  NormHistory history;
  const std::vector<double> noise = normals(layers * static_cast<std::size_t>(steps), "norms");
  for (std::size_t l = 0; l < layers; ++l) {
    history.layers.emplace_back("layer" + std::to_string(l + 1));
    for (int s = 0; s < steps; ++s) {
      const double z = noise[l * static_cast<std::size_t>(steps) + static_cast<std::size_t>(s)];
      history.layers[l].add(norm(static_cast<double>(l), s) * std::pow(10, 0.1 * z));
    }
  }
  return history;
}

/// One decade over 400 steps: what a network that learns shows.
inline double falling(double, int step) { return std::pow(10, -step / 400.0); }

inline void add_losses(NormHistory& history, int steps, double first, double last) {
  for (int s = 0; s < steps; ++s) history.losses.add(first + (last - first) * s / (steps - 1));
}

/// What probes would have measured: a signal of `factor` a layer on its way back.
inline void add_signal(NormHistory& history, double factor) {
  const std::size_t depth = history.layers.size();
  history.probes.resize(depth);
  for (std::size_t l = 0; l < depth; ++l) {
    // A few per cent of scatter, as a finite width has it.
    const double scatter = 1 + 0.03 * static_cast<double>(l % 3);
    history.probes[l].signal_rms = scatter * std::pow(factor, static_cast<double>(depth - 1 - l));
  }
}

/// All layers halve every `half` steps together, as when weights decay away.
inline NormHistory fading(double half) {
  return history_of(4, 400, [&](double, int s) { return std::pow(0.5, s / half); });
}

}  // namespace ravine::testing
