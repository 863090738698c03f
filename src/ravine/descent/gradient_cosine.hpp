#pragma once

#include <span>
#include <vector>

#include "ravine/data/state_archive.hpp"

namespace ravine {

/// The cosine of the angle between the gradients of successive steps, <G_t, G_{t-1}> / (|G_t|
/// |G_{t-1}|), block by block and for the whole vector: near 1 while descent moves straight on,
/// near 0 where mini-batch noise rules, below 0 where it jumps from wall to wall.
class GradientCosine {
 public:
  /// `norms`: of the blocks of this step's gradient; `products`: of these blocks with those of the
  /// step before, for which this was called too, or none. `cosines` gets one a block and, last,
  /// that of the whole vector; NaN without products, and where a gradient is 0.
  void compute(std::span<const double> norms, std::span<const double> products,
               std::span<double> cosines);

  void exchange_state(StateArchive& state, std::size_t blocks);

 private:
  std::vector<double> last_norms_;  // one a block; empty before the first step
};

}  // namespace ravine
