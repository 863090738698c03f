#include "ravine/objective/mlp_config.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/base/option_check.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

constexpr std::size_t kMaxWidth = 65'536;
constexpr std::size_t kMaxLayers = 1'000;
constexpr std::size_t kMaxParameters = std::size_t{1} << 31;

bool has_equal_widths(const std::vector<std::size_t>& hidden) {
  return hidden.size() >= 2 && std::ranges::count(hidden, hidden[0]) == std::ssize(hidden);
}

}  // namespace

std::size_t MlpConfig::parameters_of(std::size_t layer) const {
  const std::size_t vectors = (bias ? 1 : 0) + (is_normalised(layer) ? 2 : 0);
  return fan_out(layer) * (fan_in(layer) + vectors);
}

void check(const MlpConfig& config) {
  OptionCheck options("mlp");
  for (std::size_t i = 0; i < config.hidden.size(); ++i) {
    options.demand(config.hidden[i] >= 1 && config.hidden[i] <= kMaxWidth,
                   fmt::format("width of hidden layer {}", i + 1),
                   fmt::format("1 to {}", kMaxWidth), config.hidden[i]);
  }
  options.demand(config.depth() <= kMaxLayers, "number of layers",
                 fmt::format("at most {}", kMaxLayers), config.depth());
  options.demand(config.inputs >= 1 && config.outputs >= 1, "inputs and outputs", "at least 1",
                 fmt::format("{} and {}", config.inputs, config.outputs));
  options.demand(config.dropout.rate >= 0 && config.dropout.rate < 1, "dropout",
                 "0 or more, below 1", config.dropout.rate);
  options.demand(
      !config.residual || has_equal_widths(config.hidden), "residual",
      "two or more hidden layers of one width",
      config.hidden.empty() ? "none" : fmt::format("widths {}", fmt::join(config.hidden, ", ")));
  if (options.passed()) {
    std::size_t parameters = 0;
    for (std::size_t l = 0; l < config.depth(); ++l) parameters += config.parameters_of(l);
    options.demand(parameters <= kMaxParameters, "parameters",
                   fmt::format("at most {}", kMaxParameters), parameters);
  }
  options.report();
}

ParameterLayout mlp_layout(const MlpConfig& config) {
  ParameterLayout layout;
  for (std::size_t l = 0; l < config.depth(); ++l) {
    layout.add(fmt::format("layer{}.weight", l + 1), config.fan_out(l), config.fan_in(l));
    if (config.bias) layout.add(fmt::format("layer{}.bias", l + 1), 1, config.fan_out(l));
    if (config.is_normalised(l)) {
      layout.add(fmt::format("norm{}.weight", l + 1), 1, config.fan_out(l));
      layout.add(fmt::format("norm{}.bias", l + 1), 1, config.fan_out(l));
    }
  }
  return layout;
}

ParameterLayout mlp_statistics_layout(const MlpConfig& config) {
  ParameterLayout layout;
  if (config.normalisation != Normalisation::batch) return layout;
  for (std::size_t l = 0; l < config.hidden.size(); ++l) {
    layout.add(fmt::format("norm{}.running_mean", l + 1), 1, config.hidden[l]);
    layout.add(fmt::format("norm{}.running_var", l + 1), 1, config.hidden[l]);
  }
  return layout;
}

std::vector<float> initial_parameters(const MlpConfig& config, Initialization initialization,
                                      double gain, std::uint64_t seed) {
  const ParameterLayout layout = mlp_layout(config);
  std::vector<float> parameters(layout.size());
  std::size_t fan_in = 0;
  for (const ParameterBlock& block : layout.blocks()) {
    const std::span<float> values = std::span(parameters).subspan(block.offset, block.size());
    const RandomStream stream(seed, "initial " + block.name);
    const bool is_layer = block.name.starts_with("layer");
    if (is_layer && block.name.ends_with(".weight")) {
      fan_in = block.cols;
      draw_weights(initialization, gain, stream, fan_in, block.rows, values);
    } else if (is_layer && initialization == Initialization::torch) {
      const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
      stream.fill_uniform(values, -bound, bound);
    } else if (block.name.ends_with(".weight")) {
      std::ranges::fill(values, 1.0F);
    }
  }
  return parameters;
}

std::string summary_table(const MlpConfig& config, std::size_t batch_size) {
  const std::string rule(64, '-');
  std::string table = fmt::format("{}\n{:<24}{:>20}{:>20}\n{}\n", rule, "Layer", "Output shape",
                                  "Parameters", rule);
  std::size_t parameters = 0;
  std::size_t outputs = 0;
  const auto add_line = [&](std::string_view name, std::size_t width, std::size_t count) {
    table += fmt::format("{:<24}{:>20}{:>20}\n", name, fmt::format("[{}, {}]", batch_size, width),
                         count);
    parameters += count;
    outputs += width;
  };
  for (std::size_t l = 0; l < config.depth(); ++l) {
    const std::size_t width = config.fan_out(l);
    add_line(fmt::format("Linear {}", l + 1), width,
             config.fan_in(l) * width + (config.bias ? width : 0));
    if (config.is_normalised(l)) {
      add_line(fmt::format("{}Norm {}",
                           config.normalisation == Normalisation::layer ? "Layer" : "Batch", l + 1),
               width, 2 * width);
    }
    if (config.is_hidden(l)) {
      add_line(fmt::format("{} {}", name_of(config.activation), l + 1), width, 0);
      if (config.dropout.rate > 0) add_line(fmt::format("Dropout {}", l + 1), width, 0);
      if (config.has_skip(l)) add_line(fmt::format("Skip {}", l + 1), width, 0);
    } else if (config.loss == Loss::nll) {
      add_line("LogSoftmax", width, 0);
    }
  }
  const auto megabytes = [](std::size_t floats) {
    return static_cast<double>(floats) * sizeof(float) / (1 << 20);
  };
  const double input = megabytes(batch_size * config.inputs);
  const double activations = megabytes(2 * batch_size * outputs);
  const double weights = megabytes(parameters);
  table += fmt::format(
      "{}\nTotal parameters: {}\nInput: {:.2f} MB, activations forward and backward: {:.2f} MB, "
      "parameters: {:.2f} MB, together {:.2f} MB (batch of {})\n{}\n",
      rule, parameters, input, activations, weights, input + activations + weights, batch_size,
      rule);
  return table;
}

}  // namespace ravine
