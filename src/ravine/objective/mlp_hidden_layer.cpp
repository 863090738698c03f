#include <algorithm>

#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/mlp.hpp"

// What a hidden layer does after its linear map, and the way back through it.

namespace ravine {

namespace {

template <class T>
void copy(MatrixView<const T> from, MatrixView<T> to) {
  for (std::size_t b = 0; b < from.rows; ++b) std::ranges::copy(from.row(b), to.row(b).begin());
}

template <class T>
void add(MatrixView<const T> x, MatrixView<T> to) {
  for (std::size_t b = 0; b < x.rows; ++b) add_scaled(1, x.row(b), to.row(b));
}

template <class T>
void multiply(MatrixView<T> z, MatrixView<const T> factors) {
  for (std::size_t b = 0; b < z.rows; ++b) {
    const std::span<T> row = z.row(b);
    const std::span<const T> factor = factors.row(b);
    for (std::size_t u = 0; u < row.size(); ++u) row[u] *= factor[u];
  }
}

}  // namespace

// What follows the linear map of a hidden layer.
template <class T>
void Mlp<T>::finish(std::span<const T> parameters, Workspace& space, std::size_t layer,
                    const Part& part) const {
  if (part.units.size() == 0 || part.rows.size() == 0) return;
  const MatrixView<T> z = part_of(space.outputs[layer], layer, part);
  if (config_.is_normalised(layer)) normalise(parameters, space, layer, part);
  if (!space.pre_activations.empty()) {
    copy(MatrixView<const T>(z), part_of(space.pre_activations[layer], layer, part));
  }
  activate(config_.activation, z);
  if (!space.activated.empty()) {
    copy(MatrixView<const T>(z), part_of(space.activated[layer], layer, part));
  }
  if (!space.masks.empty()) drop_out(space, layer, part);
  if (config_.has_skip(layer)) {
    add(MatrixView<const T>(part_of(space.outputs[layer - 1], layer - 1, part)), z);
  }
}

template <class T>
void Mlp<T>::normalise(std::span<const T> parameters, Workspace& space, std::size_t layer,
                       const Part& part) const {
  const MatrixView<T> z = part_of(space.outputs[layer], layer, part);
  const Affine<T> affine{vector_of(parameters, gain_block(layer), part.units),
                         vector_of(parameters, gain_block(layer) + 1, part.units)};
  if (config_.normalisation == Normalisation::layer) {
    layer_normalise(z, affine, part_of(space.normalised[layer], layer, part),
                    std::span(space.spreads[layer]).subspan(part.rows.begin, part.rows.size()));
  } else if (space.trains) {
    batch_normalise(z, affine, part_of(space.normalised[layer], layer, part),
                    std::span(space.means[layer]).subspan(part.units.begin, part.units.size()),
                    std::span(space.spreads[layer]).subspan(part.units.begin, part.units.size()));
  } else {
    const std::span<const T> running(running_statistics_);
    normalise_by(z, affine, statistics_layout_.view(running, 2 * layer).row(0),
                 statistics_layout_.view(running, 2 * layer + 1).row(0));
  }
}

template <class T>
void Mlp<T>::drop_out(Workspace& space, std::size_t layer, const Part& part) const {
  const MatrixView<T> factors = part_of(space.masks[layer], layer, part);
  for (std::size_t b = 0; b < factors.rows; ++b) {
    const std::uint64_t sample =
        static_cast<std::uint64_t>(space.step) * batcher_.batch_size() + part.rows.begin + b;
    dropout_factors(dropout_streams_[layer], config_.dropout.rate,
                    sample * config_.fan_out(layer) + part.units.begin, factors.row(b));
  }
  multiply(part_of(space.outputs[layer], layer, part), MatrixView<const T>(factors));
}

// The delta of a hidden layer from that of the next one.
template <class T>
void Mlp<T>::backward(std::span<const T> parameters, Workspace& space, std::size_t layer,
                      const Part& part, std::span<T> gradient) const {
  if (part.units.size() == 0) return;
  const MatrixView<const T> above =
      rows_of(space.deltas[layer + 1], config_.fan_out(layer + 1), part.rows);
  const MatrixView<const T> w = layout_.view(parameters, weight_block(layer + 1));
  const MatrixView<T> delta = part_of(space.deltas[layer], layer, part);
  matmul(above, MatrixView<const T>(w.data + part.units.begin, w.rows, part.units.size(), w.stride),
         delta);
  if (config_.residual) {
    const MatrixView<T> carried = part_of(space.skip_delta, layer, part);
    if (config_.has_skip(layer + 1)) add(MatrixView<const T>(carried), delta);
    if (config_.has_skip(layer)) copy(MatrixView<const T>(delta), carried);
  }
  if (!space.masks.empty()) {
    multiply(delta, MatrixView<const T>(part_of(space.masks[layer], layer, part)));
  }
  const MatrixView<const T> at = part_of(space.slope_points(layer), layer, part);
  if (delta.cols == delta.stride) {
    multiply_by_derivative(config_.activation, std::span<const T>(at.data, at.size()),
                           std::span<T>(delta.data, delta.size()));
  } else {
    for (std::size_t b = 0; b < delta.rows; ++b) {
      multiply_by_derivative(config_.activation, at.row(b), delta.row(b));
    }
  }
  if (config_.is_normalised(layer)) normalise_backward(parameters, space, layer, part, gradient);
}

template <class T>
void Mlp<T>::normalise_backward(std::span<const T> parameters, Workspace& space, std::size_t layer,
                                const Part& part, std::span<T> gradient) const {
  const MatrixView<T> delta = part_of(space.deltas[layer], layer, part);
  const MatrixView<const T> x = part_of(space.normalised[layer], layer, part);
  const std::span<const T> gain = vector_of(parameters, gain_block(layer), part.units);
  const std::span<const double> spreads(space.spreads[layer]);
  if (config_.normalisation == Normalisation::layer) {
    copy(MatrixView<const T>(delta), part_of(space.normal_deltas[layer], layer, part));
    layer_normalise_backward(delta, gain, x, spreads.subspan(part.rows.begin, part.rows.size()));
  } else {
    batch_normalise_backward(delta, gain, x, spreads.subspan(part.units.begin, part.units.size()),
                             vector_of(gradient, gain_block(layer), part.units),
                             vector_of(gradient, gain_block(layer) + 1, part.units));
  }
}

template void Mlp<float>::finish(std::span<const float>, Workspace&, std::size_t,
                                 const Part&) const;
template void Mlp<float>::backward(std::span<const float>, Workspace&, std::size_t, const Part&,
                                   std::span<float>) const;
template void Mlp<double>::finish(std::span<const double>, Workspace&, std::size_t,
                                  const Part&) const;
template void Mlp<double>::backward(std::span<const double>, Workspace&, std::size_t, const Part&,
                                    std::span<double>) const;

}  // namespace ravine
