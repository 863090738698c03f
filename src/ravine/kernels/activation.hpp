#pragma once

#include <span>

#include "ravine/base/matrix_view.hpp"

namespace ravine {

/// The function after each hidden layer, applied to every pre-activation.
enum class Activation { relu, tanh, sigmoid };

/// z <- phi(z), in place. NaN stays NaN.
void activate(Activation activation, MatrixView<float> z);
void activate(Activation activation, MatrixView<double> z);
inline void activate(Activation activation, std::span<float> z) {
  activate(activation, MatrixView<float>(z.data(), 1, z.size()));
}
inline void activate(Activation activation, std::span<double> z) {
  activate(activation, MatrixView<double>(z.data(), 1, z.size()));
}

/// delta <- delta * phi'(z), where phi' is computed from the output a = phi(z): 0 where a <= 0 and
/// else 1 for ReLU (so phi'(0) = 0), 1 - a^2 for tanh, a (1 - a) for the sigmoid. Equal sizes.
void multiply_by_derivative(Activation activation, std::span<const float> a,
                            std::span<float> delta);
void multiply_by_derivative(Activation activation, std::span<const double> a,
                            std::span<double> delta);

}  // namespace ravine
