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
                             UpdateSource updates, const std::filesystem::path& folder,
                             ThreadTeam& team)
    : probes_(probes),
      team_(team),
      chunks_(cut_into_chunks(network.layout())),
      batch_(network, {probes.signal, probes.activations, probes.samples}, team),
      reads_batch_(probes.signal || probes.activations || probes.samples),
      weight_blocks_(weight_blocks(network.layout())),
      blocks_a_layer_(network.config().bias ? 2 : 1),
      layer_squares_(weight_blocks_.size()),
      cosines_(network.layout().blocks().size() + 1, NAN),
      weight_norms_(cosines_),
      update_ratios_(cosines_),
      rows_(weight_blocks_.size() + 1),
      table_(folder, probes, row_names(weight_blocks_.size())) {
  if (probes.weights || probes.updates) {
    weights_.emplace(network.layout(), chunks_, probes.updates ? updates : UpdateSource::none);
  }
}

void ProbeRecorder::on_step(const StepEvent<float>& event, StopRequests&) {
  const bool measures = event.step % probes_.every == 0;
  // What compares with the step before has to see that one too.
  const bool keeps = (event.step + 1) % probes_.every == 0;
  if (!measures && !keeps) return;
  for (std::size_t l = 0; l < weight_blocks_.size(); ++l) {
    layer_squares_[l] = 0;
    for (std::size_t b = weight_blocks_[l]; b < weight_blocks_[l] + blocks_a_layer_; ++b) {
      layer_squares_[l] += event.gradient_norms[b] * event.gradient_norms[b];
    }
  }
  const bool reads_batch = measures && reads_batch_;
  if (weights_ || reads_batch) {
    team_.run([&](int member) {
      if (weights_) weights_->visit(event.parameters, team_, member);
      if (reads_batch) batch_.measure(layer_squares_, member);
    });
  }
  if (probes_.cosine) cosine_.compute(event.clipped_norms, event.gradient_products, cosines_);
  if (weights_) {
    weights_->finish(event.learning_rate, event.clipped_norms, weight_norms_, update_ratios_);
  }
  if (!measures) return;
  fill_rows();
  table_.add(event.step + 1, event.epoch + 1, rows_);
}

void ProbeRecorder::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter("probes");
  if (probes_.cosine) cosine_.exchange_state(state, cosines_.size() - 1);
  if (weights_) weights_->exchange_state(state);
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
