#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ravine/record/run_record.hpp"

namespace ravine::report {

/// An option of the run's configuration as plain text; "–" where it has none of that name.
std::string option_text(const RunRecord& run, const std::string& name);

/// Options of a recorded configuration as texts, by their long names, without those that were left
/// out; "" for a flag that is set.
std::vector<std::pair<std::string, std::string>> options_of(const Json& configuration);

/// The command line that makes this run again: its resolved options, quoted for a shell, without
/// those that change no number (threads, output, verbosity). Empty for a sweep whose plan stands in
/// no file.
std::string command_line_of(const RunRecord& run);

}  // namespace ravine::report
