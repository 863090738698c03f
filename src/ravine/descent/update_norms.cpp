#include "ravine/descent/update_norms.hpp"

namespace ravine {

UpdateNorms::UpdateNorms(std::span<const Chunk> chunks, std::size_t blocks)
    : chunks_(chunks), blocks_(blocks) {}

UpdateSums UpdateNorms::expect(bool parameters, bool update) {
  squares_.resize(parameters ? chunks_.size() : 0);
  changes_.resize(update ? chunks_.size() : 0);
  return {squares_, changes_};
}

void UpdateNorms::take() {
  take_norms(squares_, of_parameters_);
  take_norms(changes_, of_update_);
}

void UpdateNorms::take_norms(std::span<const double> sums, std::vector<double>& norms) const {
  norms.resize(sums.empty() ? 0 : blocks_);
  if (!sums.empty()) norms_of_chunks(chunks_, sums, norms);
}

void UpdateNorms::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter("update");
  state.none_or_all("parameter_norms", of_parameters_, blocks_);
  state.none_or_all("norms", of_update_, blocks_);
}

}  // namespace ravine
