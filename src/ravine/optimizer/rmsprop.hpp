#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>

namespace ravine {

/// RMSProp (Hinton 2012, lecture 6e): v <- a v + (1 - a) g^2, w <- w - eta g / (sqrt(v) + epsilon),
/// with g + lambda w for g, lambda the weight decay. These are the formulas of torch.optim.RMSprop.
struct RmsProp {
  double decay = 0.99;  ///< a
  double epsilon = 1e-8;
  double weight_decay = 0;

  std::string_view name() const { return "rmsprop"; }
  std::size_t state_per_parameter() const { return 1; }

  template <class T>
  void update(std::span<T> w, std::span<const T> g, std::span<T> v, double learning_rate,
              std::int64_t) const {
    const auto eta = static_cast<T>(learning_rate), lambda = static_cast<T>(weight_decay);
    const auto a = static_cast<T>(decay), c = static_cast<T>(1 - decay);
    const auto eps = static_cast<T>(epsilon);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const T slope = g[i] + lambda * w[i];
      v[i] = a * v[i] + c * slope * slope;
      w[i] -= eta * slope / (std::sqrt(v[i]) + eps);
    }
  }
};

}  // namespace ravine
