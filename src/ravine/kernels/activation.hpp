#pragma once

#include <span>
#include <string_view>

#include "ravine/base/matrix_view.hpp"
#include "ravine/base/named.hpp"

namespace ravine {

/// The function phi after each hidden layer, applied to every pre-activation z. Phi below is the
/// distribution function of N(0, 1).
enum class Activation {
  identity,    ///< z
  relu,        ///< max(z, 0)
  leaky_relu,  ///< z if z > 0, else 0.01 z (Maas, Hannun, Ng 2013)
  elu,         ///< z if z > 0, else e^z - 1 (Clevert, Unterthiner, Hochreiter 2016)
  selu,        ///< lambda (z if z > 0, else alpha (e^z - 1)) (Klambauer et al. 2017)
  gelu,        ///< z Phi(z), exactly (Hendrycks, Gimpel 2016)
  silu,        ///< z / (1 + e^-z), also called swish (Elfwing, Uchibe, Doya 2018)
  tanh,        ///< (e^z - e^-z) / (e^z + e^-z)
  sigmoid,     ///< 1 / (1 + e^-z)
  softplus     ///< log(1 + e^z) (Dugas et al. 2000)
};

/// Every activation once, by the name of the command line.
inline constexpr Named<Activation> kActivations[] = {{"identity", Activation::identity},
                                                     {"relu", Activation::relu},
                                                     {"leaky-relu", Activation::leaky_relu},
                                                     {"elu", Activation::elu},
                                                     {"selu", Activation::selu},
                                                     {"gelu", Activation::gelu},
                                                     {"silu", Activation::silu},
                                                     {"tanh", Activation::tanh},
                                                     {"sigmoid", Activation::sigmoid},
                                                     {"softplus", Activation::softplus}};

constexpr std::string_view name_of(Activation activation) {
  return name_in(kActivations, activation);
}

inline constexpr double kLeakySlope = 0.01;
/// The constants of selu: independent N(0, 1) inputs give outputs of mean 0 and variance 1
/// (Klambauer et al. 2017, equation 14).
inline constexpr double kSeluLambda = 1.0507009873554804934193349852946;
inline constexpr double kSeluAlpha = 1.6732632423543772848170429916717;

/// Whether phi'(z) has to be computed from z. gelu and silu fall before they rise: one output has
/// two pre-activations.
constexpr bool needs_pre_activation(Activation activation) {
  return activation == Activation::gelu || activation == Activation::silu;
}

/// Whether phi' jumps at 0: differences taken across it say nothing of the gradient on either side.
constexpr bool has_kink(Activation activation) {
  return activation == Activation::relu || activation == Activation::leaky_relu ||
         activation == Activation::selu;
}

/// z <- phi(z), in place. NaN stays NaN; at infinity phi has its limit.
void activate(Activation activation, MatrixView<float> z);
void activate(Activation activation, MatrixView<double> z);
inline void activate(Activation activation, std::span<float> z) {
  activate(activation, MatrixView<float>(z.data(), 1, z.size()));
}
inline void activate(Activation activation, std::span<double> z) {
  activate(activation, MatrixView<double>(z.data(), 1, z.size()));
}

/// delta <- delta * phi'(z), where phi' is computed from `at`: the pre-activation z where
/// needs_pre_activation, else the output a = phi(z). At z = 0 that is the derivative from the left:
/// 0 for relu, 0.01 for leaky_relu, lambda alpha for selu. Equal sizes.
void multiply_by_derivative(Activation activation, std::span<const float> at,
                            std::span<float> delta);
void multiply_by_derivative(Activation activation, std::span<const double> at,
                            std::span<double> delta);

}  // namespace ravine
