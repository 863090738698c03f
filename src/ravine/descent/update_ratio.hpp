#pragma once

#include <span>
#include <vector>

#include "ravine/data/state_archive.hpp"

namespace ravine {

/// How far the last update moved the parameters: |W_t - W_{t-1}| / |W_{t-1}|, block by block and
/// for the whole vector, by the norms of a StepEvent.
class UpdateRatio {
 public:
  /// parameter_norms: one a block; update_norms: the same, or none where they are not known.
  /// norms, those of the parameters, and ratios: one a block and, last, that of the whole vector;
  /// ratios are NaN without update_norms and at the first call.
  void compute(std::span<const double> parameter_norms, std::span<const double> update_norms,
               std::span<double> norms, std::span<double> ratios);

  void exchange_state(StateArchive& state, std::size_t blocks);

 private:
  std::vector<double> last_norms_;  // as norms; empty before the first call
};

}  // namespace ravine
