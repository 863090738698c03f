#pragma once

#include "ravine/record/run_record.hpp"
#include "ravine/report/contour_figure.hpp"

namespace ravine::report {

/// Some rows of a table x, y, loss, which hold a grid with x the faster, as a panel without
/// title.
ContourPanel loss_panel(const CsvTable& table, const std::vector<std::size_t>& rows);

/// Descents of a table path, x, y, in vermillion; all have the name `gradient descent`.
std::vector<Series> descent_paths(const CsvTable& table, const std::vector<std::size_t>& rows);

/// The population loss and sampled ones over a plane, with descents drawn on them. Throws DataError
/// when a table is missing or broken.
ContourFigure slice_figure(const RunRecord& run);

/// How far sampled losses are from the population's, against the number of measurements. Throws
/// like the above.
LineFigure slice_deviation_figure(const RunRecord& run);

}  // namespace ravine::report
