#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/data/state_archive.hpp"
#include "ravine/record/csv_text.hpp"

namespace ravine {

/// Writes a table as CSV: a header line, then rows of numbers and texts, cell by cell, as CsvText
/// makes them.
///
///     CsvWriter table(folder / "trace.csv", {"iteration", "alpha", "loss"});
///     table.row(0, 0.1, loss);
///     table.close();
class CsvWriter {
 public:
  /// anew: creates or empties the file and writes the header; append: goes on behind what is there.
  enum class Open { anew, append };

  /// Throws ShapeError when there is no column, IoError when the file cannot be opened.
  CsvWriter(const std::filesystem::path& path, const std::vector<std::string>& columns,
            Open open = Open::anew);

  CsvWriter(const CsvWriter&) = delete;
  CsvWriter& operator=(const CsvWriter&) = delete;

  /// Writes what is left, but says nothing of a failure: call close() to know that all is on disk.
  ~CsvWriter();

  /// Appends one cell to the current row.
  CsvWriter& cell(const auto& value) {
    text_.cell(value);
    return *this;
  }

  /// Ends the current row. Throws ShapeError unless it has one cell a column, IoError when the
  /// disk refuses what was buffered.
  void end_row();

  /// No rows yet of this table, to be made elsewhere and appended.
  CsvText empty_rows() const { return {path_.string(), text_.columns()}; }
  /// Appends rows. Throws ShapeError inside a row, IoError as end_row() does.
  void append(const CsvText& rows);

  /// Writes a whole row: row(1, 0.5, "relu").
  template <class... Cells>
  void row(const Cells&... cells) {
    (cell(cells), ...);
    end_row();
  }

  /// Writes what there is so far to the file. Throws IoError.
  void flush();

  /// Saves how long the table is, once that is on the disk; or makes it what it was then, from the
  /// file of its name beside the archive. Throws IoError, and DataError when that file is no longer
  /// what was saved.
  void exchange_state(StateArchive& state);

  /// Writes everything to the file and closes it. Throws ShapeError inside an unfinished row,
  /// IoError when anything did not reach the file.
  void close();

 private:
  void flush_if_large();
  void write(std::string_view text);
  void restore(const std::filesystem::path& from, std::uintmax_t bytes);
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  std::ofstream out_;
  CsvText text_;
};

}  // namespace ravine
