#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ravine/record/run_record.hpp"
#include "ravine/report/figure.hpp"

namespace ravine::report {

/// What the probes of a `train` run found in every epoch.
struct ProbeHistory {
  std::vector<double> epoch;
  std::vector<std::string> rows;  // layer1, layer2, ..., network
  /// By the name of a column of layer_epochs.csv: [row][epoch], NaN where there is no number.
  std::map<std::string, std::vector<std::vector<double>>> columns;

  /// The last epoch's number of every row; empty without such a column.
  std::vector<double> last(const std::string& column) const;
};

/// Of layer_epochs.csv; none for a run without probes, or that ended before its first step. Throws
/// DataError.
std::optional<ProbeHistory> probe_history(const RunRecord& run);

/// What the history says, as sentences in HTML. `batch_size` is the run's.
std::vector<std::string> sentences_of(const ProbeHistory& history, double batch_size);

/// The last epoch's numbers by layer, as HTML.
std::string probe_history_table(const ProbeHistory& history);

/// The main quantities against epoch, a panel each.
LineFigure probe_history_figure(const ProbeHistory& history);

}  // namespace ravine::report
