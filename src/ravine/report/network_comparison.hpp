#pragma once

#include <optional>
#include <vector>

#include "ravine/record/run_record.hpp"
#include "ravine/report/comparison.hpp"

namespace ravine::report {

/// Networks side by side: the `train` runs of one experiment, with every layer's gradient norm
/// before training and in the last epoch, as curves or, of more than ten networks, as heat maps.
/// Of up to ten also both losses by epoch, where there are several, and the backpropagated signal
/// beside its mean-field prediction, where all runs recorded it. None for fewer than two networks
/// or more than forty. Throws DataError when a record lacks what the format promises.
std::optional<Comparison> compare_networks(const std::vector<const RunRecord*>& runs);

}  // namespace ravine::report
