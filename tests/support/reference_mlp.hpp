#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ravine/data/labelled_pixels.hpp"
#include "ravine/objective/mlp_config.hpp"

namespace ravine::testing {

/// A multi-layer perceptron on one sample at a time, written down from its definition in loops over
/// scalars.
class ReferenceMlp {
 public:
  /// The parameters and samples must outlive this.
  ReferenceMlp(const MlpConfig& config, std::span<const double> parameters,
               const LabelledPixels& samples);

  /// Outputs of every layer, hidden ones after their activation, the last one the logits.
  std::vector<std::vector<double>> outputs(std::size_t sample) const;

  /// The sample's negative log-likelihood, and its gradient in the layout of the parameters.
  double loss(std::size_t sample) const;
  std::vector<double> gradient(std::size_t sample) const;

  /// Means over some samples.
  double mean_loss(std::span<const std::uint32_t> samples) const;
  std::vector<double> mean_gradient(std::span<const std::uint32_t> samples) const;

 private:
  std::vector<double> image(std::size_t sample) const;
  std::vector<double> pre_activation(std::size_t layer, std::span<const double> input) const;

  MlpConfig config_;
  std::span<const double> parameters_;
  LabelledPixels samples_;
  std::vector<std::size_t> weights_;  // where each layer's weights begin, (fan_out, fan_in)
};

}  // namespace ravine::testing
