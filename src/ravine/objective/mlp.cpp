#include "ravine/objective/mlp.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/softmax.hpp"
#include "ravine/kernels/transpose.hpp"
#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

namespace {

constexpr std::size_t kEvaluationRows = 256;  // samples a thread evaluates at a time
constexpr std::size_t kVectorGrain = 16;      // cut columns where vectors begin

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
  for (std::size_t l = 0; l < config_.depth(); ++l) {
    transposed_.emplace_back(config_.fan_in(l) * config_.fan_out(l));
  }
  batch_space_.reserve(config_, std::min(batcher_.batch_size(), batcher_.count()), true);
  evaluation_spaces_.resize(static_cast<std::size_t>(team_.size()));
}

template <class T>
void Mlp<T>::Workspace::reserve(const MlpConfig& config, std::size_t rows, bool with_deltas) {
  if (losses.size() >= rows) return;
  inputs.resize(rows * config.inputs);
  outputs.resize(config.depth());
  deltas.resize(config.depth());
  for (std::size_t l = 0; l < config.depth(); ++l) {
    outputs[l].resize(rows * config.fan_out(l));
    // The last delta is also where evaluation puts the softmax it does not need.
    if (with_deltas || l + 1 == config.depth()) deltas[l].resize(rows * config.fan_out(l));
  }
  losses.resize(rows);
  labels.resize(rows);
}

template <class T>
MatrixView<T> Mlp<T>::rows_of(AlignedBuffer<T>& buffer, std::size_t width, IndexRange rows) const {
  return {buffer.data() + rows.begin * width, rows.size(), width};
}

template <class T>
MatrixView<const T> Mlp<T>::layer_input(Workspace& space, std::size_t layer,
                                        IndexRange rows) const {
  return rows_of(layer == 0 ? space.inputs : space.outputs[layer - 1], config_.fan_in(layer), rows);
}

template <class T>
void Mlp<T>::transpose_weights(std::span<const T> parameters, int member) {
  for (std::size_t l = 0; l < config_.depth(); ++l) {
    const MatrixView<const T> w = layout_.view(parameters, weight_block(l));  // (fan_out, fan_in)
    const IndexRange cols = split_range(w.cols, team_.size(), member, kVectorGrain);
    transpose(MatrixView<const T>(w.data + cols.begin, w.rows, cols.size(), w.stride),
              MatrixView<T>(transposed_[l].data() + cols.begin * w.rows, cols.size(), w.rows));
  }
}

template <class T>
void Mlp<T>::gather(Workspace& space, const LabelledPixels& source,
                    std::span<const std::uint32_t> samples, IndexRange rows) const {
  const MatrixView<T> x(space.inputs.data(), space.labels.size(), config_.inputs);
  for (std::size_t b = rows.begin; b < rows.end; ++b) {
    affine_from_bytes(source.image(samples[b]), source.scale, source.shift, x.row(b));
    space.labels[b] = source.labels[samples[b]];
  }
}

template <class T>
void Mlp<T>::forward(std::span<const T> parameters, Workspace& space, IndexRange rows) const {
  for (std::size_t l = 0; l < config_.depth(); ++l) {
    const std::size_t width = config_.fan_out(l);
    const MatrixView<T> z = rows_of(space.outputs[l], width, rows);
    const MatrixView<const T> wt(transposed_[l].data(), config_.fan_in(l), width);
    Store store = Store::overwrite;
    if (config_.bias) {
      const std::span<const T> bias = layout_.view(parameters, weight_block(l) + 1).row(0);
      for (std::size_t b = 0; b < z.rows; ++b) std::ranges::copy(bias, z.row(b).begin());
      store = Store::accumulate;
    }
    matmul(layer_input(space, l, rows), wt, z, store);
    if (l + 1 < config_.depth()) activate(config_.activation, std::span<T>(z.data, z.size()));
  }
}

template <class T>
void Mlp<T>::backward(std::span<const T> parameters, Workspace& space, IndexRange rows) const {
  for (std::size_t l = config_.depth() - 1; l > 0; --l) {
    const MatrixView<const T> delta = rows_of(space.deltas[l], config_.fan_out(l), rows);
    const MatrixView<T> below = rows_of(space.deltas[l - 1], config_.fan_in(l), rows);
    matmul(delta, layout_.view(parameters, weight_block(l)), below);
    const MatrixView<const T> output = layer_input(space, l, rows);
    multiply_by_derivative(config_.activation, std::span<const T>(output.data, output.size()),
                           std::span<T>(below.data, below.size()));
  }
}

template <class T>
void Mlp<T>::accumulate_gradient(Workspace& space, std::size_t batch, int member,
                                 std::span<T> gradient) const {
  const IndexRange all{0, batch};
  for (std::size_t l = 0; l < config_.depth(); ++l) {
    const MatrixView<const T> delta = rows_of(space.deltas[l], config_.fan_out(l), all);
    const MatrixView<const T> input = layer_input(space, l, all);
    const MatrixView<T> g = layout_.view(gradient, weight_block(l));  // (fan_out, fan_in)
    const IndexRange cols = split_range(g.cols, team_.size(), member, 4 * kVectorGrain);
    if (cols.size() > 0) {
      matmul_transposed(
          delta, MatrixView<const T>(input.data + cols.begin, batch, cols.size(), input.stride),
          MatrixView<T>(g.data + cols.begin, g.rows, cols.size(), g.stride));
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
  Workspace& space = batch_space_;
  team_.run([&](int member) {
    transpose_weights(parameters, member);
    const IndexRange rows = split_range(batch, team_.size(), member);
    gather(space, training_, samples, rows);
    team_.barrier();
    forward(parameters, space, rows);
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
    space.reserve(config_, std::min(kEvaluationRows, count), false);
    space.active.clear();
    for (const std::size_t width : config_.hidden) space.active.emplace_back(width);
  }
  team_.run([&](int member) {
    transpose_weights(parameters, member);
    team_.barrier();
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
  gather(space, samples, indexes, rows);
  forward(parameters, space, rows);
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
