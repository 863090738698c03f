#pragma once

#include <span>
#include <vector>

#include "ravine/record/run_record.hpp"
#include "ravine/report/figure.hpp"

namespace ravine::report {

/// The figures of a run as scripts, in the order of the report; of a `reproduce` run none.
std::vector<FigureScript> figures_of(const RunRecord& run);

/// The same of many runs, two at a time; those where `wanted` is false have none.
std::vector<std::vector<FigureScript>> figures_of(std::span<const RunRecord> runs,
                                                  const std::vector<bool>& wanted);

std::vector<FigureScript> train_figures(const RunRecord& run);
std::vector<FigureScript> sense_figures(const RunRecord& run);
/// Those of a `sense --theory` run beside its others; none without modes.csv.
std::vector<FigureScript> theory_figures(const RunRecord& run);
std::vector<FigureScript> landscape_figures(const RunRecord& run);
std::vector<FigureScript> slice_figures(const RunRecord& run);
/// Those of a `train --slice-through` run beside its others; none without a segment.
std::vector<FigureScript> connection_figures(const RunRecord& run);
std::vector<FigureScript> sweep_figures(const RunRecord& run);

}  // namespace ravine::report
