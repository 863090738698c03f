#include "ravine/probe/batch_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ravine/kernels/row_statistics.hpp"
#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

template <class T>
BatchStatistics<T>::BatchStatistics(const Mlp<T>& network, BatchProbes probes, ThreadTeam& team)
    : network_(network),
      probes_(probes),
      team_(team),
      bounds_(saturation_bounds(network.config().activation)),
      sums_(network.config().depth()),
      image_squares_(probes.samples ? network.sample_count() : 0,
                     std::numeric_limits<double>::quiet_NaN()),
      whole_squares_(network.batch_size()),
      layers_(network.config().depth()) {
  for (RowSums& sums : sums_) {
    for (std::vector<double>* each : {&sums.inputs, &sums.outputs, &sums.output_squares,
                                      &sums.deltas, &sums.gradients, &sums.ordered}) {
      each->resize(network.batch_size());
    }
  }
  for (const std::size_t width : network.config().hidden) {
    saturated_.emplace_back(width * static_cast<std::size_t>(team.size()));
  }
}

template <class T>
std::span<std::uint32_t> BatchStatistics<T>::counts_of(int member, std::size_t layer) {
  const std::size_t width = network_.config().fan_out(layer);
  return std::span(saturated_[layer]).subspan(static_cast<std::size_t>(member) * width, width);
}

template <class T>
void BatchStatistics<T>::sum_rows(std::size_t layer, IndexRange rows, int member) {
  const LayerTrace<T> trace = network_.trace(layer, member);
  RowSums& sums = sums_[layer];
  const auto mine = [rows](auto& buffer) {
    return std::span(buffer).subspan(rows.begin, rows.size());
  };
  const auto own = [rows](MatrixView<const T> x) { return x.middle_rows(rows.begin, rows.size()); };
  if (probes_.signal || probes_.samples) row_squares(own(trace.delta), mine(sums.deltas));
  if (probes_.samples) {
    const bool summed = probes_.activations && layer > 0 &&
                        trace.input.data == network_.trace(layer - 1, member).output.data;
    if (layer == 0) {
      sum_images(rows);
    } else if (!summed) {
      row_squares(own(trace.input), mine(sums.inputs));
    }
    sample_gradient_squares(mine(summed ? sums_[layer - 1].output_squares : sums.inputs),
                            mine(sums.deltas), network_.config().bias, trace.delta.rows,
                            mine(sums.gradients));
  }
  if (probes_.activations && layer + 1 < network_.config().depth()) {
    row_moments(own(trace.output), mine(sums.outputs), mine(sums.output_squares));
    count_outside(own(trace.slope_at), static_cast<T>(bounds_.low), static_cast<T>(bounds_.high),
                  counts_of(member, layer));
  }
}

/// An image is the same in every epoch: its norm is computed once.
template <class T>
void BatchStatistics<T>::sum_images(IndexRange rows) {
  for (std::size_t b = rows.begin; b < rows.end; ++b) {
    const std::uint32_t sample = network_.last_samples()[b];
    double& square = image_squares_[sample];
    if (std::isnan(square)) square = network_.input_square(sample);
    sums_[0].inputs[b] = square;
  }
}

template <class T>
ActivationStatistics BatchStatistics<T>::activations_of(std::size_t layer, std::size_t batch) {
  const std::span<std::uint32_t> counts = counts_of(0, layer);
  for (int member = 1; member < team_.size(); ++member) {
    const std::span<const std::uint32_t> more = counts_of(member, layer);
    for (std::size_t unit = 0; unit < counts.size(); ++unit) counts[unit] += more[unit];
  }
  return activation_statistics(std::span(sums_[layer].outputs).first(batch),
                               std::span(sums_[layer].output_squares).first(batch), counts);
}

template <class T>
void BatchStatistics<T>::finish_layer(std::size_t layer, std::size_t batch, double batch_square) {
  RowSums& sums = sums_[layer];
  LayerStatistics& result = layers_[layer];
  const std::span<const double> deltas = std::span(sums.deltas).first(batch);
  if (probes_.signal) {
    result.signal_rms = std::sqrt(static_cast<double>(batch) * sum(deltas));
  }
  if (probes_.activations && layer + 1 < network_.config().depth()) {
    result.activations = activations_of(layer, batch);
  }
  if (probes_.samples) {
    const std::span<double> squares = std::span(sums.ordered).first(batch);
    std::copy_n(sums.gradients.begin(), batch, squares.begin());
    result.samples = sample_gradients(squares, batch_square);
  }
}

template <class T>
void BatchStatistics<T>::finish_whole(std::size_t batch, std::span<const double> batch_squares) {
  const std::span<double> total = std::span(whole_squares_).first(batch);
  std::ranges::fill(total, 0.0);
  for (const RowSums& sums : sums_) {
    for (std::size_t b = 0; b < batch; ++b) total[b] += sums.gradients[b];
  }
  whole_ = sample_gradients(total, sum(batch_squares));
}

template <class T>
void BatchStatistics<T>::measure(std::span<const double> batch_squares, int member) {
  const std::size_t batch = network_.trace(0, member).delta.rows;
  const std::size_t depth = network_.config().depth();
  const IndexRange rows = split_range(batch, team_.size(), member);
  for (std::size_t l = 0; l < depth; ++l) sum_rows(l, rows, member);
  team_.barrier();
  const auto size = static_cast<std::size_t>(team_.size());
  for (auto l = static_cast<std::size_t>(member); l < depth; l += size) {
    finish_layer(l, batch, probes_.samples ? batch_squares[l] : 0);
  }
  // The last member has the fewest layers.
  if (probes_.samples && member + 1 == team_.size()) finish_whole(batch, batch_squares);
}

template class BatchStatistics<float>;
template class BatchStatistics<double>;

}  // namespace ravine
