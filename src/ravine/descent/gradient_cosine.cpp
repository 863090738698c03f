#include "ravine/descent/gradient_cosine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ravine {

void GradientCosine::compute(std::span<const double> norms, std::span<const double> products,
                             std::span<double> cosines) {
  std::ranges::fill(cosines, std::numeric_limits<double>::quiet_NaN());
  if (!products.empty()) {
    double product = 0, square = 0, last_square = 0;
    for (std::size_t b = 0; b < norms.size(); ++b) {
      product += products[b];
      square += norms[b] * norms[b];
      last_square += last_norms_[b] * last_norms_[b];
      cosines[b] = products[b] / (norms[b] * last_norms_[b]);
    }
    cosines.back() = product / (std::sqrt(square) * std::sqrt(last_square));
  }
  last_norms_.assign(norms.begin(), norms.end());
}

void GradientCosine::exchange_state(StateArchive& state, std::size_t blocks) {
  const StateArchive::Scope scope = state.enter("cosine");
  state.none_or_all("norms", last_norms_, blocks);
}

}  // namespace ravine
