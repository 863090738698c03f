#pragma once

#include <vector>

#include "ravine/descent/gradient_cosine.hpp"
#include "ravine/descent/observer.hpp"
#include "ravine/descent/update_ratio.hpp"
#include "ravine/objective/mlp.hpp"
#include "ravine/probe/batch_statistics.hpp"
#include "ravine/study/layer_table.hpp"

namespace ravine {

/// Runs the chosen probes while a network trains and writes their tables. Those of the mini-batch
/// share one pass of the team over what the step left in the caches.
class ProbeRecorder : public Observer<float> {
 public:
  /// `network` and `team`, which is the network's, must outlive this. Throws IoError.
  ProbeRecorder(const Mlp<float>& network, const ProbeChoice& probes,
                const std::filesystem::path& folder, ThreadTeam& team);

  bool looks_before_update(std::int64_t) const override { return false; }
  bool compares_gradients(std::int64_t step) const override {
    return probes_.cosine && is_due(step);
  }
  bool weighs_parameters(std::int64_t step) const override {
    return (probes_.weights && is_due(step)) ||
           (probes_.updates && (is_due(step) || is_due(step + 1)));
  }
  bool measures_update(std::int64_t step) const override { return probes_.updates && is_due(step); }
  void on_step(const StepEvent<float>& event, StopRequests& requests) override;
  void on_epoch_end(const EpochEvent<float>&, StopRequests&) override { table_.end_epoch(); }

  void exchange_state(StateArchive& state) override;

  /// Throws IoError when anything did not reach the disk.
  void close() { table_.close(); }

 private:
  bool is_due(std::int64_t step) const { return step % probes_.every == 0; }
  void measure_batch(std::span<const double> gradient_norms);
  void fill_rows();

  ProbeChoice probes_;
  ThreadTeam& team_;
  BatchStatistics<float> batch_;
  bool reads_batch_;
  GradientCosine cosine_;
  UpdateRatio update_ratio_;
  std::vector<std::size_t> weight_blocks_;  // one a layer
  std::size_t blocks_a_layer_;              // weights, and biases where used
  std::vector<double> layer_squares_;       // of each layer's gradient, biases included
  std::vector<double> cosines_, weight_norms_, update_ratios_;  // one a block, then the network's
  std::vector<LayerRow> rows_;
  LayerTable table_;
};

}  // namespace ravine
