#include "ravine/descent/update_ratio.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

void UpdateRatio::compute(std::span<const double> parameter_norms,
                          std::span<const double> update_norms, std::span<double> norms,
                          std::span<double> ratios) {
  std::ranges::copy(parameter_norms, norms.begin());
  norms.back() = norm(parameter_norms);
  if (update_norms.empty() || last_norms_.empty()) {
    std::ranges::fill(ratios, std::numeric_limits<double>::quiet_NaN());
  } else {
    std::ranges::transform(update_norms, last_norms_, ratios.begin(), std::divides());
    ratios.back() = norm(update_norms) / last_norms_.back();
  }
  last_norms_.assign(norms.begin(), norms.end());
}

void UpdateRatio::exchange_state(StateArchive& state, std::size_t blocks) {
  const StateArchive::Scope scope = state.enter("update_ratio");
  state.none_or_all("norms", last_norms_, blocks + 1);
}

}  // namespace ravine
