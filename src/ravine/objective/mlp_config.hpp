#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ravine/kernels/activation.hpp"
#include "ravine/objective/dropout.hpp"
#include "ravine/objective/initialization.hpp"
#include "ravine/objective/loss.hpp"
#include "ravine/objective/normalisation.hpp"
#include "ravine/objective/parameter_layout.hpp"

namespace ravine {

/// A multi-layer perceptron: hidden layers x <- dropout(activation(normalisation(W x + b))), with x
/// added where there is a skip, then a linear layer into the loss.
struct MlpConfig {
  std::size_t inputs = 784;
  std::vector<std::size_t> hidden = {128, 128, 128};
  std::size_t outputs = 10;
  Activation activation = Activation::relu;
  bool bias = false;
  Loss loss = Loss::nll;
  Normalisation normalisation = Normalisation::none;
  bool residual = false;  ///< hidden layers but the first add their input (He et al. 2016)
  Dropout dropout = {};

  std::size_t depth() const { return hidden.size() + 1; }  ///< number of weight matrices
  std::size_t fan_in(std::size_t layer) const { return layer == 0 ? inputs : hidden[layer - 1]; }
  std::size_t fan_out(std::size_t layer) const {
    return layer == hidden.size() ? outputs : hidden[layer];
  }
  bool is_hidden(std::size_t layer) const { return layer < hidden.size(); }
  bool has_skip(std::size_t layer) const { return residual && layer > 0 && is_hidden(layer); }
  bool is_normalised(std::size_t layer) const {
    return normalisation != Normalisation::none && is_hidden(layer);
  }
  /// Of a layer: weights, bias and what its normalisation learns.
  std::size_t parameters_of(std::size_t layer) const;
};

/// Throws ConfigError naming every violation: a width of 0 or above 65,536, more than 1,000 layers,
/// more than 2^31 parameters, skips between unequal widths, a dropout rate outside [0, 1).
void check(const MlpConfig& config);

/// Blocks `layer1.weight` (fan_out, fan_in), then `layer1.bias` (1, fan_out) where used, then
/// `norm1.weight` and `norm1.bias`, the gain and the shift of a normalisation, (1, fan_out) each,
/// and so on.
ParameterLayout mlp_layout(const MlpConfig& config);

/// With batch normalisation `norm1.running_mean` and `norm1.running_var`, (1, fan_out) each, and so
/// on; else nothing.
ParameterLayout mlp_statistics_layout(const MlpConfig& config);

/// Parameters as drawn by `initialization`, weights multiplied by `gain`; biases are uniform within
/// 1/sqrt(fan_in) for torch and else 0, gains 1 and shifts 0. Size: the layout's. Of lsuv these are
/// the orthonormal matrices it starts from, which Mlp::scale_to_deviation() completes.
std::vector<float> initial_parameters(const MlpConfig& config, Initialization initialization,
                                      double gain, std::uint64_t seed);

/// The layers, output shapes, parameter counts and memory of one training step as a text table, the
/// way torchsummary prints them. Sizes are those of float32; activations count every layer's output
/// once forward and once backward.
std::string summary_table(const MlpConfig& config, std::size_t batch_size);

}  // namespace ravine
