#pragma once

#include <optional>
#include <vector>

#include "ravine/record/run_record.hpp"
#include "ravine/report/comparison.hpp"

namespace ravine::report {

/// Networks side by side: the `train` runs of one experiment, with every layer's gradient norm
/// before training and in the last epoch, and, of runs of many epochs, both losses by epoch. None
/// unless there are at least two, and no more than curves can be told apart (ten). Throws
/// DataError when a record lacks what the format promises.
std::optional<Comparison> compare_networks(const std::vector<const RunRecord*>& runs);

}  // namespace ravine::report
