#pragma once

#include <string>

#include "ravine/record/run_record.hpp"

namespace ravine::report {

/// Where a network's training starts, in words as HTML: "initial weights: He's normal ones times
/// 2"; empty where the run does not say. Throws DataError when its options are not what they should
/// be.
std::string start_words(const RunRecord& run);

}  // namespace ravine::report
