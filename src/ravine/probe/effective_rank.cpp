#include "ravine/probe/effective_rank.hpp"

#include <cmath>

#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

EffectiveRank effective_rank(std::span<const double> singular_values) {
  const double total = squared_norm(singular_values);
  double entropy = 0;
  for (const double s : singular_values) {
    const double share = s * s / total;
    if (share > 0) entropy -= share * std::log(share);
  }
  return {total / (singular_values[0] * singular_values[0]), std::exp(entropy), total};
}

}  // namespace ravine
