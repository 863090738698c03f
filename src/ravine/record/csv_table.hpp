#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/data/csv_rows.hpp"

namespace ravine {

/// A CSV table read back: the header names the columns, every row has one cell a column.
///
/// Memory stays within a small multiple of the file's size, and files over 1 GiB are refused.
class CsvTable {
 public:
  /// Reads and checks the whole file. Throws IoError when it cannot be read, DataError with the
  /// line number when it is no such table: empty, a row too short or too long, a column name
  /// twice, an open quote, or no line break at the end (a file that was cut off).
  static CsvTable read(const std::filesystem::path& path);

  const std::vector<std::string>& columns() const { return columns_; }
  std::size_t row_count() const { return row_count_; }
  bool has_column(std::string_view column) const;

  /// One column as numbers, NaN for an empty cell. Throws DataError with line and column when
  /// the column is missing or a cell is not a number.
  std::vector<double> numbers(std::string_view column) const;

  /// One column as texts. Throws DataError when the column is missing.
  std::vector<std::string> texts(std::string_view column) const;

 private:
  struct Cell {
    std::uint32_t begin;
    std::uint32_t length;
    std::uint32_t line;
  };

  CsvTable() = default;
  void take_header(const CsvRows& rows);
  void take_row(const CsvRows& rows);
  std::size_t index_of(std::string_view column) const;
  std::string_view text_of(const Cell& cell) const;

  std::filesystem::path path_;
  std::string content_;  // the cells' texts
  std::vector<std::string> columns_;
  std::vector<Cell> cells_;  // row_count_ rows of columns_.size() cells
  std::size_t row_count_ = 0;
};

}  // namespace ravine
