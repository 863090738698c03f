#pragma once

#include <filesystem>
#include <vector>

namespace ravine {

/// Writes one self-contained HTML page about finished runs, from their folders alone. A `reproduce`
/// folder stands for the runs in it and adds its checks.
///
/// Throws ConfigError for no runs, DataError when a folder is no run or a table is missing or
/// broken, IoError when gnuplot is missing or `out` cannot be written.
void write_report(const std::vector<std::filesystem::path>& runs, const std::filesystem::path& out);

}  // namespace ravine
