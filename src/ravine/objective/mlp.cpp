#include "ravine/objective/mlp.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/shape_check.hpp"
#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

namespace {

/// Throws ConfigError when a mini-batch has one sample, of which there is no variance.
void check_batches(const Batcher& batcher) {
  const std::size_t batch = std::min(batcher.batch_size(), batcher.count());
  if (batch > 1 && batcher.count() % batch != 1) return;
  throw ConfigError(
      error_text("mlp", "batch normalisation", "mini-batches of at least 2 samples",
                 fmt::format("one of 1 ({} samples by {})", batcher.count(), batcher.batch_size()),
                 "another --batch-size or --train-limit, or --normalisation layer"));
}

template <class T>
double standard_deviation(std::span<const T> x) {
  const auto mean_of = [&](auto term) {
    double sum = 0;
    for (const T value : x) sum += term(static_cast<double>(value));
    return sum / static_cast<double>(x.size());
  };
  const double mean = mean_of([](double value) { return value; });
  return std::sqrt(mean_of([&](double value) { return (value - mean) * (value - mean); }));
}

}  // namespace

template <class T>
Mlp<T>::Mlp(MlpConfig config, LabelledPixels training, Batcher batcher, ThreadTeam& team)
    : config_(std::move(config)), training_(training), batcher_(std::move(batcher)), team_(team) {
  check(config_);
  layout_ = mlp_layout(config_);
  blocks_a_layer_ = 1 + config_.bias + (config_.normalisation == Normalisation::none ? 0 : 2);
  if (training_.inputs != config_.inputs || training_.count() != batcher_.count()) {
    throw ShapeError(
        error_text("mlp", "training set",
                   fmt::format("{} images of {} bytes", batcher_.count(), config_.inputs),
                   fmt::format("{} of {}", training_.count(), training_.inputs)));
  }
  check_images(training_);
  if (mixes_samples()) check_batches(batcher_);
  statistics_layout_ = mlp_statistics_layout(config_);
  running_statistics_.resize(statistics_layout_.size());
  for (std::size_t v = 1; v < statistics_layout_.blocks().size(); v += 2) {
    std::ranges::fill(statistics_layout_.view(std::span(running_statistics_), v).row(0), T(1));
  }
  for (std::size_t l = 0; l < config_.hidden.size(); ++l) {
    dropout_streams_.emplace_back(config_.dropout.seed, fmt::format("dropout layer{}", l + 1));
  }
  background_ = background_of(training_);
  batch_space_.reserve(config_, background_, batch_size(), team_.size(), true);
  evaluation_spaces_.resize(static_cast<std::size_t>(team_.size()));
}

template <class T>
void Mlp<T>::check_images(const LabelledPixels& samples) const {
  if (samples.pixels.size() != samples.count() * samples.inputs) {
    throw ShapeError(error_text("mlp", "pixels",
                                fmt::format("{} bytes", samples.count() * samples.inputs),
                                fmt::format("{}", samples.pixels.size())));
  }
  if (samples.count() > 0 && std::ranges::max(samples.labels) >= config_.outputs) {
    throw ShapeError(error_text("mlp", "labels", fmt::format("below {}", config_.outputs),
                                fmt::format("{}", std::ranges::max(samples.labels))));
  }
}

template <class T>
void Mlp<T>::Workspace::reserve(const MlpConfig& config, const Background& background,
                                std::size_t rows, int members, bool training) {
  if (losses.size() >= rows) return;
  trains = training;
  reserve_inputs(config, background, rows, static_cast<std::size_t>(members));
  outputs.resize(config.depth());
  deltas.resize(config.depth());
  for (std::size_t l = 0; l < config.depth(); ++l) {
    outputs[l].resize(rows * config.fan_out(l));
    // The last delta is also where evaluation puts the softmax it does not need.
    if (training || l + 1 == config.depth()) deltas[l].resize(rows * config.fan_out(l));
  }
  reserve_hidden(config, rows);
  losses.resize(rows);
  labels.resize(rows);
}

template <class T>
void Mlp<T>::Workspace::reserve_hidden(const MlpConfig& config, std::size_t rows) {
  const auto reserve_if = [&](bool wanted, std::vector<AlignedBuffer<T>>& buffers) {
    if (!wanted) return;
    buffers.resize(config.hidden.size());
    for (std::size_t l = 0; l < buffers.size(); ++l) buffers[l].resize(rows * config.hidden[l]);
  };
  const bool drops = trains && config.dropout.rate > 0;
  const bool by_layer = config.normalisation == Normalisation::layer;
  const bool by_batch = trains && config.normalisation == Normalisation::batch;
  reserve_if(trains && needs_pre_activation(config.activation), pre_activations);
  reserve_if(drops || config.residual, activated);
  reserve_if(drops, masks);
  reserve_if(by_layer || by_batch, normalised);
  reserve_if(by_layer && trains, normal_deltas);
  if (trains && config.residual) skip_delta.resize(rows * config.hidden[0]);
  spreads.clear();
  means.clear();
  for (const std::size_t width : config.hidden) {
    if (by_layer) spreads.emplace_back(rows);
    if (by_batch) spreads.emplace_back(width);
    if (by_batch) means.emplace_back(width);
  }
}

template <class T>
void Mlp<T>::set_running_statistics(std::span<const float> statistics) {
  if (statistics.size() != running_statistics_.size()) {
    throw ShapeError(error_text("mlp", "running statistics",
                                fmt::format("{} numbers", running_statistics_.size()),
                                fmt::format("{}", statistics.size())));
  }
  std::ranges::copy(statistics, running_statistics_.begin());
}

template <class T>
void Mlp<T>::absorb_batch_statistics() {
  if (!mixes_samples()) return;
  const auto samples = static_cast<double>(last_samples_.size());
  const auto absorb = [&](std::size_t block, std::span<const double> of_batch, double factor) {
    const std::span<T> running =
        statistics_layout_.view(std::span(running_statistics_), block).row(0);
    for (std::size_t u = 0; u < running.size(); ++u) {
      running[u] = static_cast<T>((1 - kRunningMomentum) * static_cast<double>(running[u]) +
                                  kRunningMomentum * factor * of_batch[u]);
    }
  };
  for (std::size_t l = 0; l < config_.hidden.size(); ++l) {
    absorb(2 * l, batch_space_.means[l], 1);
    absorb(2 * l + 1, batch_space_.spreads[l], samples / (samples - 1));
  }
}

// The first layer, by far the largest, is split by units: their weights, and the gradient of
// these, then stay in one core's cache from step to step. The others are split by samples, so that
// members need not wait for each other, but where a normalisation looks at all samples of a unit.
template <class T>
void Mlp<T>::forward(std::span<const T> parameters, Workspace& space, std::size_t batch,
                     int member) const {
  const IndexRange rows = split_range(batch, team_.size(), member);
  for (std::size_t l = 0; l < config_.depth(); ++l) {
    const std::size_t width = config_.fan_out(l);
    const bool by_units = l == 0 || (mixes_samples() && config_.is_hidden(l));
    const Part by_samples{rows, {0, width}};
    const Part part =
        by_units ? Part{{0, batch}, split_range(width, team_.size(), member)} : by_samples;
    linear(parameters, space, member, l, part);
    const bool needs_whole_samples =
        !config_.is_hidden(l) || config_.normalisation == Normalisation::layer;
    if (by_units && needs_whole_samples) team_.barrier();
    if (config_.is_hidden(l)) {
      finish(parameters, space, l, needs_whole_samples ? by_samples : part);
    }
    if (by_units && !needs_whole_samples) team_.barrier();
  }
}

template <class T>
void Mlp<T>::judge(Workspace& space, std::span<const std::uint32_t> samples,
                   IndexRange rows) const {
  for (std::size_t b = rows.begin; b < rows.end; ++b) {
    space.labels[b] = training_.labels[samples[b]];
  }
  sample_losses(
      config_.loss, MatrixView<const T>(rows_of(space.outputs.back(), config_.outputs, rows)),
      std::span(space.labels).subspan(rows.begin, rows.size()),
      1 / static_cast<double>(samples.size()), rows_of(space.deltas.back(), config_.outputs, rows),
      std::span(space.losses).subspan(rows.begin, rows.size()));
}

template <class T>
void Mlp<T>::accumulate_gradient(Workspace& space, std::size_t batch, int member,
                                 std::span<T> gradient) const {
  const IndexRange all{0, batch};
  // The first layer's, the largest, last: what comes next reads it from the cache.
  for (std::size_t l = config_.depth(); l-- > 0;) {
    const MatrixView<const T> delta = rows_of(space.deltas[l], config_.fan_out(l), all);
    const MatrixView<T> g = layout_.view(gradient, weight_block(l));  // (fan_out, fan_in)
    const IndexRange units = split_range(g.rows, team_.size(), member);
    if (units.size() > 0) {
      multiply_transposed(
          MatrixView<const T>(delta.data + units.begin, batch, units.size(), delta.stride), space,
          member, l, g.middle_rows(units.begin, units.size()));
    }
    if (config_.bias && member == 0) {
      const std::span<T> sum = layout_.view(gradient, bias_block(l)).row(0);
      std::ranges::fill(sum, T(0));
      for (std::size_t b = 0; b < batch; ++b) add_scaled(1, delta.row(b), sum);
    }
    if (config_.is_hidden(l) && config_.normalisation == Normalisation::layer) {
      const Part part{all, units};
      affine_gradient(MatrixView<const T>(part_of(space.normal_deltas[l], l, part)),
                      MatrixView<const T>(part_of(space.normalised[l], l, part)),
                      vector_of(gradient, gain_block(l), units),
                      vector_of(gradient, gain_block(l) + 1, units));
    }
  }
}

template <class T>
void Mlp<T>::loss_and_gradient(std::span<const T> parameters, const Evaluation& evaluation,
                               std::span<T> gradient, std::span<double> losses) {
  const std::span<const std::uint32_t> samples = batcher_.batch(evaluation.step);
  const std::size_t batch = samples.size();
  last_samples_ = samples;
  Workspace& space = batch_space_;
  space.step = evaluation.step;
  team_.run([&](int member) {
    const IndexRange rows = split_range(batch, team_.size(), member);
    gather(space, member, training_, samples);
    forward(parameters, space, batch, member);
    judge(space, samples, rows);
    for (std::size_t l = config_.hidden.size(); l-- > 0;) {
      const std::size_t width = config_.fan_out(l);
      if (mixes_samples()) team_.barrier();
      backward(parameters, space, l,
               mixes_samples() ? Part{{0, batch}, split_range(width, team_.size(), member)}
                               : Part{rows, {0, width}},
               gradient);
    }
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
  const bool hidden = config_.is_hidden(layer);
  const MatrixView<const T> input =
      space.takes_bytes(layer) ? MatrixView<const T>()
                               : layer_input(space, member, layer, {0, last_samples_.size()});
  return {input, rows(hidden ? space.activation_outputs(layer) : space.outputs[layer], width),
          rows(hidden ? space.slope_points(layer) : space.outputs[layer], width),
          rows(space.deltas[layer], width)};
}

template <class T>
double Mlp<T>::input_square(std::uint32_t sample) const {
  return affine_square(training_.image(sample), static_cast<T>(training_.scale),
                       static_cast<T>(training_.shift));
}

// Backpropagation of one row of the identity for each output, all at the same sample.
template <class T>
void Mlp<T>::input_jacobian(std::span<const T> parameters, const LabelledPixels& samples,
                            std::uint32_t sample, MatrixView<T> jacobian) {
  check_shape("input_jacobian", "jacobian", jacobian, config_.outputs, config_.inputs);
  if (samples.inputs != config_.inputs || sample >= samples.count()) {
    throw ShapeError(error_text("input_jacobian", "sample",
                                fmt::format("one of images of {} bytes", config_.inputs),
                                fmt::format("number {} of {} images of {} bytes", sample,
                                            samples.count(), samples.inputs)));
  }
  if (mixes_samples() || config_.dropout.rate > 0) {
    throw ConfigError(error_text("input_jacobian", "network", "no batch normalisation, no dropout",
                                 "one with them"));
  }
  Workspace& space = jacobian_space_;
  const IndexRange rows{0, config_.outputs};
  space.reserve(config_, background_, rows.size(), 1, true);
  gather(space, 0, samples, std::vector<std::uint32_t>(rows.size(), sample));
  for (std::size_t l = 0; l < config_.depth(); ++l) {
    const Part all{rows, {0, config_.fan_out(l)}};
    linear(parameters, space, 0, l, all);
    if (config_.is_hidden(l)) finish(parameters, space, l, all);
  }
  const MatrixView<T> seeds = rows_of(space.deltas.back(), config_.outputs, rows);
  fill_zero(seeds);
  for (std::size_t c = 0; c < rows.size(); ++c) seeds(c, c) = 1;
  for (std::size_t l = config_.hidden.size(); l-- > 0;) {
    backward(parameters, space, l, {rows, {0, config_.fan_out(l)}}, {});
  }
  matmul(MatrixView<const T>(rows_of(space.deltas[0], config_.fan_out(0), rows)),
         layout_.view(parameters, weight_block(0)), jacobian);
}

template <class T>
void Mlp<T>::scale_to_deviation(std::span<T> parameters, double deviation) {
  const std::span<const std::uint32_t> samples = batcher_.batch(0);
  Workspace& space = batch_space_;
  space.step = 0;
  gather(space, 0, training_, samples);
  for (std::size_t l = 0; l < config_.depth(); ++l) {
    const Part all{{0, samples.size()}, {0, config_.fan_out(l)}};
    linear(parameters, space, 0, l, all);
    const MatrixView<const T> z = part_of(space.outputs[l], l, all);
    const double found = standard_deviation(std::span<const T>(z.data, z.size()));
    const MatrixView<T> w = layout_.view(parameters, weight_block(l));
    if (found > 0) {
      for (T& weight : std::span<T>(w.data, w.size())) weight *= static_cast<T>(deviation / found);
    }
    linear(parameters, space, 0, l, all);
    if (config_.is_hidden(l)) finish(parameters, space, l, all);
  }
}

template class Mlp<float>;
template class Mlp<double>;

}  // namespace ravine
