#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "ravine/objective/initialization.hpp"
#include "ravine/objective/mlp_config.hpp"

// What becomes of a signal in a fresh network whose layers are so wide that every pre-activation is
// normal, by the mean-field equations of Poole et al. (2016) and Schoenholz et al. (2017). Below,
// sigma_w^2 is fan-in times the variance of a weight, sigma_b^2 the variance of a bias, q the
// variance of a layer's pre-activations and z ~ N(0, 1).

namespace ravine {

struct MeanField {
  Activation activation = Activation::relu;
  double weight_variance = 1;  ///< sigma_w^2
  double bias_variance = 0;    ///< sigma_b^2

  /// Mean square of what the activation answers to pre-activations of variance q >= 0:
  /// E[phi(sqrt(q) z)^2].
  double activation_square(double q) const;

  /// Forward, the next layer's q: sigma_w^2 E[phi(sqrt(q) z)^2] + sigma_b^2 (Poole et al.,
  /// equation 3). Expects q >= 0.
  double next_variance(double q) const;

  /// The q that many layers end at, from q = 1; 0 and infinity are possible ends. Where q falls
  /// more slowly than any exponential (tanh at sigma_w^2 = 1) it is what 10,000 layers leave.
  double fixed_variance() const;

  /// Backward, what a layer does to the mean squared gradient with respect to pre-activations of
  /// variance q: chi = sigma_w^2 E[phi'(sqrt(q) z)^2] (Schoenholz et al., equation 7). Gradients
  /// vanish exponentially for chi < 1 and explode for chi > 1.
  double gradient_growth(double q) const;
};

/// Variance of the entries of W (fan_out, fan_in) under an initialization of gain 1; none for lsuv,
/// which looks at data.
std::optional<double> entry_variance(Initialization initialization, std::size_t fan_in,
                                     std::size_t fan_out);

/// What a sample's signal is at every layer of a fresh network, root mean square norms. Their
/// product is the norm of the layer's weight gradient for one sample, up to the factor by which
/// the loss's gradient at the last layer is not 1.
struct MeanFieldSignal {
  std::vector<double> forward;   ///< [l]: of what enters the weights of layer l + 1
  std::vector<double> backward;  ///< [l]: of the gradient with respect to the pre-activations of
                                 ///< layer l + 1, relative to that of the last layer
};

/// For inputs of mean square 1. None for what the equations do not cover: normalisation, skips,
/// dropout, lsuv.
std::optional<MeanFieldSignal> mean_field_signal(const MlpConfig& config,
                                                 Initialization initialization, double gain);

}  // namespace ravine
