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

/// The same about one finished run, as report.html in its folder, with every figure of it, and of
/// the runs of a `reproduce` run, as figures/NAME.svg in the folder of the run. Throws likewise.
void write_report_into(const std::filesystem::path& run_folder);

/// Whether a file is such a page.
bool is_report(const std::filesystem::path& path);

}  // namespace ravine
