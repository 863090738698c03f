#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ravine/descent/run_result.hpp"
#include "ravine/record/csv_writer.hpp"
#include "ravine/study/sweep_plan.hpp"

namespace ravine {

/// How a cell ended.
struct CellOutcome {
  Termination termination = Termination::not_started;
  std::int64_t iterations = 0;  ///< updates made
  double loss = 0;
  double relative_error = 0;
  std::optional<std::int64_t> iterations_to_success;  ///< to the first error that is small enough
};

/// What became of one instance: its cells and what each of its descents took.
struct InstanceOutcome {
  std::vector<CellOutcome> cells;
  double setup_seconds = 0;             ///< to draw or read the instance
  std::vector<double> descent_seconds;  ///< one a descent
};

/// sweep.csv and seconds.csv, which grow instance by instance in the order of the plan, so that
/// what is on disk is always a part from the front of the finished tables. Instances may be handed
/// in by any thread in any order; those that are early wait.
class SweepTable {
 public:
  /// Begins the tables in a folder, or goes on behind the last complete instance of those that are
  /// there. The plan must outlive the table. Throws IoError, DataError for tables with other
  /// columns.
  SweepTable(const std::filesystem::path& folder, const SweepPlan& plan, double success);

  std::size_t instances_written() const { return written_; }

  /// Throws IoError.
  void add(std::size_t instance, InstanceOutcome outcome);

  /// Throws IoError when anything did not reach the disk.
  void close();

 private:
  void write(const InstanceOutcome& outcome);

  const SweepPlan& plan_;
  double success_;
  std::size_t written_ = 0;
  std::mutex mutex_;
  std::map<std::size_t, InstanceOutcome> early_;
  std::optional<CsvWriter> cells_;
  std::optional<CsvWriter> seconds_;
};

}  // namespace ravine
