#pragma once

#include <string>
#include <vector>

#include "ravine/record/run_record.hpp"

namespace ravine::report {

/// "27 of 28 checks hold." in HTML over all `reproduce` runs; empty when they made none.
std::string checks_summary(const std::vector<RunRecord>& reproductions);

/// Every check as a row: what was expected, what was measured, whether it holds. Empty for none.
/// Throws DataError when a check lacks a part.
std::string checks_html(const std::vector<RunRecord>& reproductions);

}  // namespace ravine::report
