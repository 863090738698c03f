#pragma once

#include "ravine/record/run_record.hpp"
#include "ravine/report/contour_figure.hpp"

namespace ravine::report {

/// The population loss and sampled ones over a plane, with descents drawn on them. Throws DataError
/// when a table is missing or broken.
ContourFigure slice_figure(const RunRecord& run);

/// How far sampled losses are from the population's, against the number of measurements. Throws
/// like the above.
LineFigure slice_deviation_figure(const RunRecord& run);

}  // namespace ravine::report
