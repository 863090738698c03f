#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>

namespace ravine {

/// AdaGrad (Duchi, Hazan and Singer 2011): s <- s + g^2, w <- w - eta g / (sqrt(s) + epsilon), with
/// g + lambda w for g, lambda the weight decay. These are the formulas of torch.optim.Adagrad.
struct AdaGrad {
  double epsilon = 1e-10;
  double weight_decay = 0;

  std::string_view name() const { return "adagrad"; }
  std::size_t state_per_parameter() const { return 1; }

  template <class T>
  void update(std::span<T> w, std::span<const T> g, std::span<T> s, double learning_rate,
              std::int64_t) const {
    const auto eta = static_cast<T>(learning_rate), lambda = static_cast<T>(weight_decay);
    const auto eps = static_cast<T>(epsilon);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const T slope = g[i] + lambda * w[i];
      s[i] += slope * slope;
      w[i] -= eta * slope / (std::sqrt(s[i]) + eps);
    }
  }
};

}  // namespace ravine
