#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ravine {

/// The heavy ball (Polyak 1964), b <- mu b + g, w <- w - eta b, or with `nesterov` the look-ahead
/// of Sutskever et al. 2013, w <- w - eta (g + mu b); g stands for g + lambda w, lambda the weight
/// decay. These are the formulas of torch.optim.SGD without dampening.
struct Momentum {
  double momentum = 0.9;  ///< mu
  double weight_decay = 0;
  bool nesterov = false;

  std::string_view name() const { return nesterov ? "nesterov" : "momentum"; }
  std::size_t state_per_parameter() const { return 1; }

  template <class T>
  void update(std::span<T> w, std::span<const T> g, std::span<T> b, double learning_rate,
              std::int64_t) const {
    const auto mu = static_cast<T>(momentum), eta = static_cast<T>(learning_rate);
    const auto lambda = static_cast<T>(weight_decay);
    const T ahead = nesterov ? mu : T(1), here = nesterov ? T(1) : T(0);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const T slope = g[i] + lambda * w[i];
      b[i] = mu * b[i] + slope;
      w[i] -= eta * (ahead * b[i] + here * slope);
    }
  }
};

}  // namespace ravine
