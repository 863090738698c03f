#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "ravine/record/run_record.hpp"
#include "ravine/report/figure.hpp"

namespace ravine {

/// Draws every figure of a finished run, and of the runs of a `reproduce` run, from their tables
/// and writes them as figures/NAME.svg into the run's folder. Throws DataError when a table is
/// missing or broken, IoError when gnuplot is missing or a folder cannot be written.
void write_figures(const std::filesystem::path& run_folder);

namespace report {

/// The runs of a `reproduce` run. Throws DataError, IoError.
std::vector<RunRecord> runs_of(const RunRecord& reproduction);

/// The figures of a run as scripts, in the order of the report; of a `reproduce` run those that
/// compare its runs.
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

}  // namespace report
}  // namespace ravine
