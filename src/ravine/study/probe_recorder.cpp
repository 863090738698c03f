#include "ravine/study/probe_recorder.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace ravine {

namespace {

std::vector<std::string> row_names(std::size_t depth) {
  std::vector<std::string> names;
  for (std::size_t l = 1; l <= depth; ++l) names.push_back(fmt::format("layer{}", l));
  names.emplace_back("network");
  return names;
}

std::vector<std::size_t> weight_blocks(const ParameterLayout& layout) {
  std::vector<std::size_t> blocks;
  for (std::size_t b = 0; b < layout.blocks().size(); ++b) {
    const std::string& name = layout.blocks()[b].name;
    if (name.starts_with("layer") && name.ends_with(".weight")) blocks.push_back(b);
  }
  return blocks;
}

}  // namespace

ProbeRecorder::ProbeRecorder(const Mlp<float>& network, const ProbeChoice& probes,
                             const std::filesystem::path& folder, ThreadTeam& team)
    : probes_(probes),
      team_(team),
      batch_(network, {probes.signal, probes.activations, probes.samples}, team),
      reads_batch_(probes.signal || probes.activations || probes.samples),
      weight_blocks_(weight_blocks(network.layout())),
      blocks_a_layer_(network.config().bias ? 2 : 1),
      layer_squares_(weight_blocks_.size()),
      cosines_(network.layout().blocks().size() + 1, NAN),
      weight_norms_(cosines_),
      update_ratios_(cosines_),
      rows_(weight_blocks_.size() + 1),
      table_(folder, probes, row_names(weight_blocks_.size()), team) {}

void ProbeRecorder::on_step(const StepEvent<float>& event, StopRequests&) {
  // What compares with the step before has to see that one too.
  if (!is_due(event.step) && !is_due(event.step + 1)) return;
  if (!event.parameter_norms.empty()) {
    update_ratio_.compute(event.parameter_norms, event.update_norms, weight_norms_, update_ratios_);
  }
  if (probes_.cosine) cosine_.compute(event.clipped_norms, event.gradient_products, cosines_);
  if (!is_due(event.step)) return;
  if (reads_batch_) measure_batch(event.gradient_norms);
  fill_rows();
  table_.add(event.step + 1, event.epoch + 1, rows_);
}

void ProbeRecorder::measure_batch(std::span<const double> gradient_norms) {
  for (std::size_t l = 0; l < weight_blocks_.size(); ++l) {
    layer_squares_[l] = 0;
    for (std::size_t b = weight_blocks_[l]; b < weight_blocks_[l] + blocks_a_layer_; ++b) {
      layer_squares_[l] += gradient_norms[b] * gradient_norms[b];
    }
  }
  team_.run([&](int member) { batch_.measure(layer_squares_, member); });
}

void ProbeRecorder::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter("probes");
  if (probes_.cosine) cosine_.exchange_state(state, cosines_.size() - 1);
  if (probes_.updates) update_ratio_.exchange_state(state, cosines_.size() - 1);
  table_.exchange_state(state);
}

void ProbeRecorder::fill_rows() {
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    const bool whole = r == weight_blocks_.size();
    const std::size_t block = whole ? cosines_.size() - 1 : weight_blocks_[r];
    LayerRow& row = rows_[r];
    if (whole) {
      row.batch.samples = batch_.whole();
    } else {
      row.batch = batch_.layers()[r];
    }
    row.weight_norm = weight_norms_[block];
    row.update_ratio = update_ratios_[block];
    row.gradient_cosine = cosines_[block];
  }
}

}  // namespace ravine
