#include "ravine/descent/update_norms.hpp"

namespace ravine {

UpdateNorms::UpdateNorms(std::span<const Chunk> chunks, std::size_t blocks)
    : blocks_(blocks),
      gradient_squares_(chunks),
      gradient_products_(chunks),
      squares_(chunks),
      changes_(chunks) {}

UpdateSums UpdateNorms::expect(const UpdateWishes& wishes) {
  return {.gradient_squares = gradient_squares_.expect(wishes.gradient),
          .gradient_products = gradient_products_.expect(wishes.products),
          .squares = squares_.expect(wishes.parameters),
          .changes = changes_.expect(wishes.update)};
}

void UpdateNorms::take_gradient(std::span<double> norms, std::vector<double>& products) const {
  gradient_squares_.take_norms(norms);
  products.resize(gradient_products_.are_wanted() ? blocks_ : 0);
  if (gradient_products_.are_wanted()) gradient_products_.add_up(products);
}

void UpdateNorms::take() {
  take_norms(squares_, of_parameters_);
  take_norms(changes_, of_update_);
}

void UpdateNorms::take_norms(const ChunkSums& sums, std::vector<double>& norms) const {
  norms.resize(sums.are_wanted() ? blocks_ : 0);
  if (sums.are_wanted()) sums.take_norms(norms);
}

void UpdateNorms::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter("update");
  state.none_or_all("parameter_norms", of_parameters_, blocks_);
  state.none_or_all("norms", of_update_, blocks_);
}

}  // namespace ravine
