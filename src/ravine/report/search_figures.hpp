#pragma once

#include "ravine/record/run_record.hpp"
#include "ravine/report/figure.hpp"

namespace ravine::report {

/// Loss and smallest Hessian eigenvalue of every critical point that a `landscape` run found, over
/// the list that theory gives. Throws DataError when a table is missing or broken.
LineFigure critical_points_figure(const RunRecord& run);

/// How descent left the saddle at 0, beside the predicted growth. Throws like the above.
LineFigure escape_figure(const RunRecord& run);

}  // namespace ravine::report
