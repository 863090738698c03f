#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>

namespace ravine {

/// Where weight decay enters a rule that divides by the size of past gradients.
enum class WeightDecay {
  coupled,   ///< g <- g + lambda w, so the division changes it (Kingma and Ba's Adam)
  decoupled  ///< w <- (1 - eta lambda) w beside the step (AdamW)
};

/// Adam (Kingma and Ba 2015): with t the number of this update, from 1,
///   m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2,
///   w <- w - eta m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon),
/// and with decoupled weight decay AdamW (Loshchilov and Hutter 2019). These are the formulas of
/// torch.optim.Adam and AdamW.
struct Adam {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;  ///< lambda
  WeightDecay decay = WeightDecay::coupled;

  std::string_view name() const { return decay == WeightDecay::coupled ? "adam" : "adamw"; }
  std::size_t state_per_parameter() const { return 2; }

  template <class T>
  void update(std::span<T> w, std::span<const T> g, std::span<T> state, double learning_rate,
              std::int64_t step) const {
    const auto t = static_cast<double>(step + 1);
    const bool coupled = decay == WeightDecay::coupled;
    const auto lambda = static_cast<T>(coupled ? weight_decay : 0);
    const auto keep = static_cast<T>(coupled ? 1 : 1 - learning_rate * weight_decay);
    const auto eta = static_cast<T>(learning_rate / (1 - std::pow(beta1, t)));
    const auto root = static_cast<T>(std::sqrt(1 - std::pow(beta2, t)));
    const auto b1 = static_cast<T>(beta1), c1 = static_cast<T>(1 - beta1);
    const auto b2 = static_cast<T>(beta2), c2 = static_cast<T>(1 - beta2);
    const auto eps = static_cast<T>(epsilon);
    const std::span<T> m = state.first(w.size()), v = state.last(w.size());
    for (std::size_t i = 0; i < w.size(); ++i) {
      const T slope = g[i] + lambda * w[i];
      m[i] = b1 * m[i] + c1 * slope;
      v[i] = b2 * v[i] + c2 * slope * slope;
      w[i] = keep * w[i] - eta * m[i] / (std::sqrt(v[i]) / root + eps);
    }
  }
};

}  // namespace ravine
