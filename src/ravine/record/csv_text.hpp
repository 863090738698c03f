#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/compile.h>
#include <fmt/format.h>

namespace ravine {

/// Rows of a CSV table as text: numbers and texts, cell by cell.
///
/// A double is written as the shortest decimal that reads back to the same bits, a float as the
/// shortest that reads back to the same float; a non-finite one is an empty cell. A text is quoted
/// only when it holds a comma, a quote or a line break.
class CsvText {
 public:
  /// `table`: what errors call it.
  CsvText(std::string table, std::size_t columns);

  /// Appends one cell to the current row.
  CsvText& cell(std::floating_point auto value) {
    begin_cell();
    if (std::isfinite(value)) {
      fmt::format_to(std::back_inserter(buffer_), FMT_COMPILE("{}"), value);
    }
    return *this;
  }
  CsvText& cell(std::integral auto value) {
    begin_cell();
    fmt::format_to(std::back_inserter(buffer_), FMT_COMPILE("{}"), value);
    return *this;
  }
  CsvText& cell(std::string_view text);

  /// Ends the current row. Throws ShapeError unless it has one cell a column.
  void end_row();

  std::size_t columns() const { return column_count_; }
  bool inside_row() const { return cells_in_row_ != 0; }
  std::string_view view() const { return {buffer_.data(), buffer_.size()}; }
  /// Appends another text of the same table. Throws ShapeError inside a row of either.
  void append(const CsvText& rows);
  /// Forgets the text; an unfinished row goes on.
  void clear() { buffer_.clear(); }

 private:
  void begin_cell() {
    if (cells_in_row_++ > 0) buffer_.push_back(',');
  }

  std::string table_;
  std::size_t column_count_;
  std::size_t cells_in_row_ = 0;
  fmt::memory_buffer buffer_;
};

}  // namespace ravine
