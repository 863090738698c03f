#pragma once

#include <string>
#include <vector>

#include "ravine/record/run_record.hpp"
#include "ravine/report/figure.hpp"

namespace ravine::report {

/// Whether a `train` or `sense` run recorded the sharpness along the way.
bool has_sharpness(const RunRecord& run);

/// What it says, as sentences in HTML, one a start; none for a run without. Throws DataError.
std::vector<std::string> sharpness_sentences(const RunRecord& run);

/// The largest Hessian eigenvalue against the step, with the edge of stability; below the loss
/// where a network trained. Throws DataError.
LineFigure sharpness_figure(const RunRecord& run);

}  // namespace ravine::report
