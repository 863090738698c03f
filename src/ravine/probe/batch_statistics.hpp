#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ravine/base/thread_team.hpp"
#include "ravine/objective/mlp.hpp"
#include "ravine/probe/activation_statistics.hpp"
#include "ravine/probe/sample_gradients.hpp"

namespace ravine {

/// What to measure of a mini-batch.
struct BatchProbes {
  bool signal = false;
  bool activations = false;
  bool samples = false;
};

/// What passed through one layer, forward and backward; NaN where not asked for.
struct LayerStatistics {
  /// sqrt(1/B sum_b |delta_b|^2), where delta_b is the gradient of sample b's own loss with respect
  /// to the layer's pre-activations: the signal that backpropagation carries.
  double signal_rms = std::numeric_limits<double>::quiet_NaN();
  ActivationStatistics activations;  ///< of hidden layers
  SampleGradients samples;           ///< of the layer's weights and, where used, biases
};

/// Statistics of the layers of a network on the mini-batch it was just evaluated on. Samples are
/// split among the team as the network splits them, so that each member reads its own cache;
/// everything is summed up sample by sample, or counted: the same bits for any team size.
template <class T>
class BatchStatistics {
 public:
  /// `network` and `team`, which is the network's, must outlive this.
  BatchStatistics(const Mlp<T>& network, BatchProbes probes, ThreadTeam& team);

  /// By every member of the team, inside run(). batch_squares: for each layer the squared norm of
  /// the batch's gradient with respect to its weights and biases; used for `samples` only.
  void measure(std::span<const double> batch_squares, int member);

  /// One a layer, as the last measure() found them.
  std::span<const LayerStatistics> layers() const { return layers_; }
  /// Of the gradient with respect to the weights and biases of all layers.
  const SampleGradients& whole() const { return whole_; }

 private:
  /// One number a sample: sums over the row of a layer's matrices.
  struct RowSums {
    std::vector<double> inputs;          // |x_b|^2
    std::vector<double> outputs;         // sum of a_b
    std::vector<double> output_squares;  // |a_b|^2
    std::vector<double> deltas;          // |delta_b|^2, of the batch's mean loss
    std::vector<double> gradients;       // |g_b|^2
    std::vector<double> ordered;         // the same, reordered for quantiles
  };

  void sum_rows(std::size_t layer, IndexRange rows, int member);
  void sum_images(IndexRange rows);
  void finish_layer(std::size_t layer, std::size_t batch, double batch_square);
  void finish_whole(std::size_t batch, std::span<const double> batch_squares);
  ActivationStatistics activations_of(std::size_t layer, std::size_t batch);
  std::span<std::uint32_t> counts_of(int member, std::size_t layer);

  const Mlp<T>& network_;
  BatchProbes probes_;
  ThreadTeam& team_;
  SaturationBounds bounds_;
  std::vector<RowSums> sums_;          // one a layer
  std::vector<double> image_squares_;  // |x|^2 of every training image; NaN: not yet known
  std::vector<std::vector<std::uint32_t>> saturated_;  // hidden layer l: (team size, fan_out(l))
  std::vector<double> whole_squares_;                  // one a sample
  std::vector<LayerStatistics> layers_;
  SampleGradients whole_;
};

}  // namespace ravine
