#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ravine/record/run_record.hpp"
#include "ravine/report/contour_figure.hpp"
#include "ravine/report/figure.hpp"

namespace ravine::report {

/// Whether a `train` run recorded spectra.
bool has_spectra(const RunRecord& run);

/// What they say, as sentences in HTML; none for a run without. Throws DataError.
std::vector<std::string> spectrum_sentences(const RunRecord& run);

/// Singular values of every weight matrix and of the end-to-end Jacobian, before training and after
/// its last epoch. Throws DataError.
LineFigure spectrum_figure(const RunRecord& run);

/// The slice of the loss around where training ended; none where it was not taken. Throws
/// DataError.
std::optional<ContourFigure> loss_slice_figure(const RunRecord& run);

}  // namespace ravine::report
