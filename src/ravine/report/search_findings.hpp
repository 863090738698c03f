#pragma once

#include <string>
#include <vector>

#include "ravine/record/run_record.hpp"

namespace ravine::report {

/// What a `landscape` run's searches for critical points its escapes from 0 and its slices say, as
/// sentences in HTML; none for a run without them. Throws DataError when the record lacks what the
/// format promises.
std::vector<std::string> search_sentences(const RunRecord& run);

/// The list that theory gives with how often each point was found, as an HTML table; empty for a
/// run without one.
std::string critical_list_table(const RunRecord& run);

}  // namespace ravine::report
