#include "ravine/objective/mlp.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/row_products.hpp"
#include "ravine/kernels/softmax.hpp"
#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

namespace {

constexpr std::size_t kEvaluationRows = 256;  // samples a thread evaluates at a time

/// Throws ShapeError unless every image has its pixels and a label the network knows.
void check_images(const MlpConfig& config, const LabelledPixels& samples) {
  if (samples.pixels.size() != samples.count() * samples.inputs) {
    throw ShapeError(error_text("mlp", "pixels",
                                fmt::format("{} bytes", samples.count() * samples.inputs),
                                fmt::format("{}", samples.pixels.size())));
  }
  if (samples.count() > 0 && std::ranges::max(samples.labels) >= config.outputs) {
    throw ShapeError(error_text("mlp", "labels", fmt::format("below {}", config.outputs),
                                fmt::format("{}", std::ranges::max(samples.labels))));
  }
}

}  // namespace

template <class T>
Mlp<T>::Mlp(MlpConfig config, LabelledPixels training, Batcher batcher, ThreadTeam& team)
    : config_(std::move(config)), training_(training), batcher_(std::move(batcher)), team_(team) {
  check(config_);
  layout_ = mlp_layout(config_);
  if (training_.inputs != config_.inputs || training_.count() != batcher_.count()) {
    throw ShapeError(
        error_text("mlp", "training set",
                   fmt::format("{} images of {} bytes", batcher_.count(), config_.inputs),
                   fmt::format("{} of {}", training_.count(), training_.inputs)));
  }
  check_images(config_, training_);
  batch_space_.reserve(config_, batch_size(), team_.size(), true);
  evaluation_spaces_.resize(static_cast<std::size_t>(team_.size()));
}

template <class T>
void Mlp<T>::Workspace::reserve(const MlpConfig& config, std::size_t rows, int members,
                                bool with_deltas) {
  if (losses.size() >= rows) return;
  inputs.resize(static_cast<std::size_t>(members));
  for (AlignedBuffer<T>& own : inputs) own.resize(rows * config.inputs);
  outputs.resize(config.depth());
  deltas.resize(config.depth());
  for (std::size_t l = 0; l < config.depth(); ++l) {
    outputs[l].resize(rows * config.fan_out(l));
    // The last delta is also where evaluation puts the softmax it does not need.
    if (with_deltas || l + 1 == config.depth()) deltas[l].resize(rows * config.fan_out(l));
  }
  if (with_deltas && needs_pre_activation(config.activation)) {
    pre_activations.resize(config.hidden.size());
    for (std::size_t l = 0; l < config.hidden.size(); ++l) {
      pre_activations[l].resize(rows * config.hidden[l]);
    }
  }
  losses.resize(rows);
  labels.resize(rows);
}

template <class T>
MatrixView<T> Mlp<T>::rows_of(AlignedBuffer<T>& buffer, std::size_t width, IndexRange rows) const {
  return {buffer.data() + rows.begin * width, rows.size(), width};
}

template <class T>
MatrixView<const T> Mlp<T>::layer_input(Workspace& space, int member, std::size_t layer,
                                        IndexRange rows) const {
  AlignedBuffer<T>& buffer =
      layer == 0 ? space.inputs[static_cast<std::size_t>(member)] : space.outputs[layer - 1];
  return rows_of(buffer, config_.fan_in(layer), rows);
}

template <class T>
void Mlp<T>::gather(Workspace& space, int member, const LabelledPixels& source,
                    std::span<const std::uint32_t> samples) const {
  AlignedBuffer<T>& own = space.inputs[static_cast<std::size_t>(member)];
  const MatrixView<T> x(own.data(), samples.size(), config_.inputs);
  for (std::size_t b = 0; b < samples.size(); ++b) {
    affine_from_bytes(source.image(samples[b]), source.scale, source.shift, x.row(b));
  }
}

// Some units of one layer for some samples.
template <class T>
void Mlp<T>::forward(std::span<const T> parameters, Workspace& space, int member, std::size_t layer,
                     IndexRange rows, IndexRange units) const {
  if (units.size() == 0) return;
  const std::size_t width = config_.fan_out(layer);
  const MatrixView<T> z(space.outputs[layer].data() + rows.begin * width + units.begin, rows.size(),
                        units.size(), width);
  Store store = Store::overwrite;
  if (config_.bias) {
    const std::span<const T> bias = layout_.view(parameters, weight_block(layer) + 1).row(0);
    for (std::size_t b = 0; b < z.rows; ++b) {
      std::ranges::copy(bias.subspan(units.begin, units.size()), z.row(b).begin());
    }
    store = Store::accumulate;
  }
  const MatrixView<const T> w = layout_.view(parameters, weight_block(layer));
  const MatrixView<const T> input = layer_input(space, member, layer, rows);
  const MatrixView<const T> own = w.middle_rows(units.begin, units.size());
  // By what the workspace is for, not by `rows`: how samples are split must not change bits.
  if (space.labels.size() <= kFewRows) {
    row_products(input, own, z, store);
  } else {
    matmul_by_transposed(input, own, z, store);
  }
  if (layer + 1 == config_.depth()) return;
  if (!space.pre_activations.empty()) {
    T* kept = space.pre_activations[layer].data() + (z.data - space.outputs[layer].data());
    for (std::size_t b = 0; b < z.rows; ++b) std::ranges::copy(z.row(b), kept + b * width);
  }
  activate(config_.activation, z);
}

template <class T>
void Mlp<T>::backward(std::span<const T> parameters, Workspace& space, IndexRange rows) const {
  for (std::size_t l = config_.depth() - 1; l > 0; --l) {
    const MatrixView<const T> delta = rows_of(space.deltas[l], config_.fan_out(l), rows);
    const MatrixView<T> below = rows_of(space.deltas[l - 1], config_.fan_in(l), rows);
    matmul(delta, layout_.view(parameters, weight_block(l)), below);
    std::vector<AlignedBuffer<T>>& known =
        space.pre_activations.empty() ? space.outputs : space.pre_activations;
    const MatrixView<const T> at = rows_of(known[l - 1], config_.fan_in(l), rows);
    multiply_by_derivative(config_.activation, std::span<const T>(at.data, at.size()),
                           std::span<T>(below.data, below.size()));
  }
}

template <class T>
void Mlp<T>::accumulate_gradient(Workspace& space, std::size_t batch, int member,
                                 std::span<T> gradient) const {
  const IndexRange all{0, batch};
  for (std::size_t l = 0; l < config_.depth(); ++l) {
    const MatrixView<const T> delta = rows_of(space.deltas[l], config_.fan_out(l), all);
    const MatrixView<const T> input = layer_input(space, member, l, all);
    const MatrixView<T> g = layout_.view(gradient, weight_block(l));  // (fan_out, fan_in)
    const IndexRange units = split_range(g.rows, team_.size(), member);
    if (units.size() > 0) {
      matmul_transposed(
          MatrixView<const T>(delta.data + units.begin, batch, units.size(), delta.stride), input,
          g.middle_rows(units.begin, units.size()));
    }
    if (config_.bias && member == 0) {
      const std::span<T> sum = layout_.view(gradient, weight_block(l) + 1).row(0);
      std::ranges::fill(sum, T(0));
      for (std::size_t b = 0; b < batch; ++b) add_scaled(1, delta.row(b), sum);
    }
  }
}

template <class T>
void Mlp<T>::loss_and_gradient(std::span<const T> parameters, const Evaluation& evaluation,
                               std::span<T> gradient, std::span<double> losses) {
  const std::span<const std::uint32_t> samples = batcher_.batch(evaluation.step);
  const std::size_t batch = samples.size();
  const std::size_t last = config_.depth() - 1;
  last_samples_ = samples;
  Workspace& space = batch_space_;
  team_.run([&](int member) {
    // The first layer, by far the largest, is split by units: their weights, and the gradient of
    // these, then stay in one core's cache from step to step. The others are split by samples.
    gather(space, member, training_, samples);
    const IndexRange units = split_range(config_.fan_out(0), team_.size(), member);
    forward(parameters, space, member, 0, {0, batch}, units);
    team_.barrier();
    const IndexRange rows = split_range(batch, team_.size(), member);
    for (std::size_t b = rows.begin; b < rows.end; ++b) {
      space.labels[b] = training_.labels[samples[b]];
    }
    for (std::size_t l = 1; l <= last; ++l) {
      forward(parameters, space, member, l, rows, {0, config_.fan_out(l)});
    }
    softmax_nll(MatrixView<const T>(rows_of(space.outputs[last], config_.outputs, rows)),
                std::span(space.labels).subspan(rows.begin, rows.size()),
                1 / static_cast<double>(batch), rows_of(space.deltas[last], config_.outputs, rows),
                std::span(space.losses).subspan(rows.begin, rows.size()));
    backward(parameters, space, rows);
    team_.barrier();
    accumulate_gradient(space, batch, member, gradient);
  });
  losses[0] = std::accumulate(space.losses.begin(),
                              space.losses.begin() + static_cast<std::ptrdiff_t>(batch), 0.0) /
              static_cast<double>(batch);
}

template <class T>
LayerTrace<T> Mlp<T>::trace(std::size_t layer, int member) const {
  const Workspace& space = batch_space_;
  const auto rows = [this](const AlignedBuffer<T>& buffer, std::size_t width) {
    return MatrixView<const T>(buffer.data(), last_samples_.size(), width);
  };
  const std::size_t width = config_.fan_out(layer);
  const bool kept = !space.pre_activations.empty() && layer + 1 < config_.depth();
  return {
      rows(layer == 0 ? space.inputs[static_cast<std::size_t>(member)] : space.outputs[layer - 1],
           config_.fan_in(layer)),
      rows(space.outputs[layer], width),
      rows(kept ? space.pre_activations[layer] : space.outputs[layer], width),
      rows(space.deltas[layer], width)};
}

template <class T>
MlpEvaluation Mlp<T>::evaluate(std::span<const T> parameters, const LabelledPixels& samples) {
  const std::size_t count = samples.count();
  if (count == 0 || samples.inputs != config_.inputs) {
    throw ShapeError(error_text("mlp", "samples",
                                fmt::format("at least 1 image of {} bytes", config_.inputs),
                                fmt::format("{} of {}", count, samples.inputs)));
  }
  check_images(config_, samples);
  std::vector<double> losses(count);
  std::vector<std::uint8_t> correct(count);
  for (Workspace& space : evaluation_spaces_) {
    space.reserve(config_, std::min(kEvaluationRows, count), 1, false);
    space.active.clear();
    for (const std::size_t width : config_.hidden) space.active.emplace_back(width);
  }
  team_.run([&](int member) {
    const IndexRange part = split_range(count, team_.size(), member);
    for (std::size_t first = part.begin; first < part.end; first += kEvaluationRows) {
      evaluate_rows(parameters, samples, first, std::min(kEvaluationRows, part.end - first),
                    evaluation_spaces_[static_cast<std::size_t>(member)], losses, correct);
    }
  });
  const auto mean = [count](const auto& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(count);
  };
  return {mean(losses), mean(correct), inactive_shares()};
}

template <class T>
void Mlp<T>::evaluate_rows(std::span<const T> parameters, const LabelledPixels& samples,
                           std::size_t first, std::size_t count, Workspace& space,
                           std::span<double> losses, std::span<std::uint8_t> correct) const {
  const IndexRange rows{0, count};
  const std::size_t last = config_.depth() - 1;
  std::array<std::uint32_t, kEvaluationRows> indexes;
  std::iota(indexes.begin(), indexes.end(), static_cast<std::uint32_t>(first));
  gather(space, 0, samples, std::span(indexes).first(count));
  std::copy_n(samples.labels.begin() + static_cast<std::ptrdiff_t>(first), count,
              space.labels.begin());
  for (std::size_t l = 0; l <= last; ++l) {
    forward(parameters, space, 0, l, rows, {0, config_.fan_out(l)});
  }
  const MatrixView<const T> logits = rows_of(space.outputs[last], config_.outputs, rows);
  for (std::size_t b = 0; b < count; ++b) {
    correct[first + b] = predicts(logits.row(b), space.labels[b]);
  }
  softmax_nll(logits, std::span(space.labels).first(count), 1,
              rows_of(space.deltas[last], config_.outputs, rows), losses.subspan(first, count));
  for (std::size_t l = 0; l < last; ++l) {
    const MatrixView<const T> output = rows_of(space.outputs[l], config_.hidden[l], rows);
    for (std::size_t b = 0; b < count; ++b) {
      for (std::size_t u = 0; u < output.cols; ++u) space.active[l][u] |= output(b, u) > 0;
    }
  }
}

template <class T>
std::vector<double> Mlp<T>::inactive_shares() const {
  std::vector<double> shares;
  for (std::size_t l = 0; l < config_.hidden.size(); ++l) {
    std::size_t inactive = 0;
    for (std::size_t u = 0; u < config_.hidden[l]; ++u) {
      inactive += std::ranges::none_of(
          evaluation_spaces_, [&](const Workspace& space) { return space.active[l][u] != 0; });
    }
    shares.push_back(static_cast<double>(inactive) / static_cast<double>(config_.hidden[l]));
  }
  return shares;
}

template class Mlp<float>;
template class Mlp<double>;

}  // namespace ravine
