#pragma once

#include <string>
#include <string_view>

#include "ravine/record/run_record.hpp"

namespace ravine::report {

/// The step rule of a run as its option says it; "gd" for records older than the option.
std::string rule_of(const RunRecord& run);

/// What a rule is called in a sentence: "gradient descent", "L-BFGS".
std::string rule_words(std::string_view rule);

}  // namespace ravine::report
