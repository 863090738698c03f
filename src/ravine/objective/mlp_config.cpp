#include "ravine/objective/mlp_config.hpp"

#include <cmath>

#include <fmt/format.h>

#include "ravine/base/option_check.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

constexpr std::size_t kMaxWidth = 65'536;
constexpr std::size_t kMaxLayers = 1'000;
constexpr std::size_t kMaxParameters = std::size_t{1} << 31;

}  // namespace

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
  if (options.passed()) {
    std::size_t parameters = 0;
    for (std::size_t l = 0; l < config.depth(); ++l) {
      parameters += config.fan_in(l) * config.fan_out(l) + (config.bias ? config.fan_out(l) : 0);
    }
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
  }
  return layout;
}

std::vector<float> initial_parameters(const MlpConfig& config, Initialization initialization,
                                      double gain, std::uint64_t seed) {
  const ParameterLayout layout = mlp_layout(config);
  std::vector<float> parameters(layout.size());
  const std::size_t blocks_a_layer = config.bias ? 2 : 1;
  for (std::size_t b = 0; b < layout.blocks().size(); ++b) {
    const ParameterBlock& block = layout.blocks()[b];
    const std::span<float> values = std::span(parameters).subspan(block.offset, block.size());
    const RandomStream stream(seed, "initial " + block.name);
    const std::size_t layer = b / blocks_a_layer;
    if (b % blocks_a_layer == 0) {
      draw_weights(initialization, gain, stream, config.fan_in(layer), config.fan_out(layer),
                   values);
    } else if (initialization == Initialization::torch) {
      const double bound = 1 / std::sqrt(static_cast<double>(config.fan_in(layer)));
      stream.fill_uniform(values, -bound, bound);
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
    const bool last = l + 1 == config.depth();
    add_line(last ? "LogSoftmax" : fmt::format("{} {}", name_of(config.activation), l + 1), width,
             0);
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
