#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ravine/base/thread_team.hpp"
#include "ravine/probe/batch_statistics.hpp"
#include "ravine/record/csv_writer.hpp"
#include "ravine/study/probe_choice.hpp"

namespace ravine {

/// What the probes found in one layer, or in the network as a whole, at one step; NaN where
/// something does not exist or was not asked for.
struct LayerRow {
  LayerStatistics batch;
  double weight_norm = NAN;
  double update_ratio = NAN;
  double gradient_cosine = NAN;
};

/// The tables of the probes, layer_steps.csv and layer_epochs.csv: a row for every layer and one
/// for the network, at every step, and their means over every epoch. Their columns are those of the
/// chosen probes, described in docs/run-folder.md.
class LayerTable {
 public:
  /// `rows` are the names of the layers and of the network. `team`, whose members share the making
  /// of text, must outlive this. Throws IoError.
  LayerTable(const std::filesystem::path& folder, const ProbeChoice& probes,
             std::vector<std::string> rows, ThreadTeam& team);

  /// Writes what is left of the steps, but says nothing of a failure, as CsvWriter's does.
  ~LayerTable();
  LayerTable(const LayerTable&) = delete;
  LayerTable& operator=(const LayerTable&) = delete;

  /// rows: one a name. Step and epoch are counted from 1. Throws IoError.
  void add(std::int64_t step, std::int64_t epoch, const std::vector<LayerRow>& rows);

  /// Writes the means of an epoch over the steps that had a number, if there was any step. The
  /// noise scale is that of the mean variance and the mean squared gradient (McCandlish et al.
  /// 2018, appendix A.1), for the ratio of one step is not a mean of anything.
  void end_epoch();

  void exchange_state(StateArchive& state);

  /// Writes what is left, an unfinished epoch's means too. Throws IoError.
  void close();

 private:
  struct Mean {
    double sum = 0;
    std::int64_t count = 0;
    void add(double value);
    double value() const { return count > 0 ? sum / static_cast<double>(count) : NAN; }
  };
  struct RowMeans {
    std::vector<Mean> columns;
    Mean variance, true_square;
  };

  void write_waiting();

  ProbeChoice probes_;
  ThreadTeam& team_;
  std::vector<std::string> names_;
  CsvWriter steps_;
  CsvWriter epochs_;
  std::vector<std::int64_t> waiting_steps_;  // that are not yet text
  std::vector<float> waiting_numbers_;       // (waiting steps, rows, columns)
  std::vector<CsvText> texts_;               // one a member of the team
  std::vector<RowMeans> means_;              // one a row
  std::int64_t epoch_ = 0;                   // of the means; 0: there are none
};

}  // namespace ravine
