#pragma once

#include <optional>
#include <vector>

#include "ravine/record/run_record.hpp"
#include "ravine/report/comparison.hpp"

namespace ravine::report {

/// Step rules side by side: the `sense` runs of one experiment, each from its smallest start, with
/// relative error against iteration in a panel for each condition number. None unless the runs, of
/// one experiment, are at least two sense runs with known truth under at least two rules. Throws
/// DataError when a record lacks what the format promises.
std::optional<Comparison> compare_rules(const std::vector<const RunRecord*>& runs);

}  // namespace ravine::report
