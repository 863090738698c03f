#pragma once

#include <span>

namespace ravine {

/// How many singular values s of a factor U matter, counted in two ways.
struct EffectiveRank {
  double stable = 0;        ///< sum s^2 / s_1^2
  double entropy = 0;       ///< exp(-sum p log p), p = s^2 / sum s^2 (Roy and Vetterli 2007)
  double nuclear_norm = 0;  ///< of U U^T: sum s^2
};

/// singular_values: of U, from large to small, at least one.
EffectiveRank effective_rank(std::span<const double> singular_values);

}  // namespace ravine
