#pragma once

#include <span>

namespace ravine {

/// The function after each hidden layer, applied to every pre-activation.
enum class Activation { relu, tanh, sigmoid };

/// z <- phi(z), in place. NaN stays NaN.
void activate(Activation activation, std::span<float> z);
void activate(Activation activation, std::span<double> z);

/// delta <- delta * phi'(z), where phi' is computed from the output a = phi(z): 0 where a <= 0 and
/// else 1 for ReLU (so phi'(0) = 0), 1 - a^2 for tanh, a (1 - a) for the sigmoid. Equal sizes.
void multiply_by_derivative(Activation activation, std::span<const float> a,
                            std::span<float> delta);
void multiply_by_derivative(Activation activation, std::span<const double> a,
                            std::span<double> delta);

}  // namespace ravine
