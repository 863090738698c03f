#include "ravine/study/sweep_table.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"

namespace ravine {

namespace {

namespace fs = std::filesystem;

constexpr const char* kCells = "sweep.csv";
constexpr const char* kSeconds = "seconds.csv";

std::vector<std::string> cell_columns(const SweepPlan& plan) {
  std::vector<std::string> columns = {"run"};
  columns.insert(columns.end(), plan.columns.begin(), plan.columns.end());
  columns.insert(columns.end(), {"outcome", "iterations", "loss", "relative_error", "success",
                                 "iterations_to_success"});
  return columns;
}

const std::vector<std::string> kSecondsColumns = {"run", "setup_seconds", "descent_seconds"};

/// Where the first lines of a table end, in bytes: ends[0] is the end of the header.
std::vector<std::size_t> line_ends(const fs::path& path, const std::vector<std::string>& columns) {
  if (!fs::exists(path)) return {};
  const std::string content = read_file(path);
  std::vector<std::size_t> ends;
  for (std::size_t at = content.find('\n'); at != std::string::npos;
       at = content.find('\n', at + 1)) {
    ends.push_back(at + 1);
  }
  const std::string header = fmt::format("{}\n", fmt::join(columns, ","));
  if (!ends.empty() && !content.starts_with(header)) {
    throw DataError(error_text("sweep", path.string(), "the columns of this sweep",
                               content.substr(0, ends[0] - 1), "--force begins anew"));
  }
  return ends;
}

/// How many instances both tables hold whole.
std::size_t complete_instances(const SweepPlan& plan, std::size_t cells, std::size_t descents) {
  std::size_t complete = 0;
  for (const IndexRange& instance : plan.instances) {
    if (instance.end > descents || plan.descents[instance.end - 1].end > cells) break;
    ++complete;
  }
  return complete;
}

/// A writer behind the first `rows` rows of a table; a new table when there is no whole header.
void open(std::optional<CsvWriter>& writer, const fs::path& path,
          const std::vector<std::string>& columns, const std::vector<std::size_t>& ends,
          std::size_t rows) {
  if (ends.empty()) {
    writer.emplace(path, columns);
    return;
  }
  std::error_code failed;
  fs::resize_file(path, ends[rows], failed);
  if (failed) {
    throw IoError(error_text("sweep", path.string(), "a writable file", failed.message()));
  }
  writer.emplace(path, columns, CsvWriter::Open::append);
}

}  // namespace

SweepTable::SweepTable(const fs::path& folder, const SweepPlan& plan, double success)
    : plan_(plan), success_(success) {
  const std::vector<std::string> columns = cell_columns(plan);
  const std::vector<std::size_t> cells = line_ends(folder / kCells, columns);
  const std::vector<std::size_t> seconds = line_ends(folder / kSeconds, kSecondsColumns);
  if (!cells.empty() && !seconds.empty()) {
    written_ = complete_instances(plan, cells.size() - 1, seconds.size() - 1);
  }
  const std::size_t descents = written_ > 0 ? plan.instances[written_ - 1].end : 0;
  open(cells_, folder / kCells, columns, cells, descents > 0 ? plan.descents[descents - 1].end : 0);
  open(seconds_, folder / kSeconds, kSecondsColumns, seconds, descents);
}

void SweepTable::add(std::size_t instance, InstanceOutcome outcome) {
  const std::lock_guard lock(mutex_);
  early_.emplace(instance, std::move(outcome));
  while (!early_.empty() && early_.begin()->first == written_) {
    write(early_.begin()->second);
    early_.erase(early_.begin());
    ++written_;
  }
}

void SweepTable::write(const InstanceOutcome& outcome) {
  const IndexRange descents = plan_.instances[written_];
  auto cell = outcome.cells.begin();
  for (std::size_t run = descents.begin; run < descents.end; ++run) {
    for (std::size_t i = plan_.descents[run].begin; i < plan_.descents[run].end; ++i, ++cell) {
      cells_->cell(run);
      for (const std::string& value : plan_.cells[i].values) cells_->cell(std::string_view(value));
      cells_->cell(name_of(cell->termination)).cell(cell->iterations).cell(cell->loss);
      cells_->cell(cell->relative_error).cell(cell->relative_error <= success_ ? 1 : 0);
      const auto& reached = cell->iterations_to_success;
      cells_->row(reached ? fmt::format("{}", *reached) : std::string());
    }
    seconds_->row(run, outcome.setup_seconds, outcome.descent_seconds[run - descents.begin]);
  }
  cells_->flush();
  seconds_->flush();
}

void SweepTable::close() {
  cells_->close();
  seconds_->close();
}

}  // namespace ravine
