#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/data/byte_source.hpp"

namespace ravine {

/// The rows of a CSV table, one at a time, in memory that does not grow with their number. Cells
/// are separated by commas, rows by line breaks (also CRLF); a quoted cell may hold both, and
/// quotes doubled, and blanks may stand around its quotes. A byte order mark at the start is passed
/// over. Whether rows have equally many cells is the caller's to check.
class CsvRows {
 public:
  /// No row may be longer, in bytes.
  static constexpr std::size_t kLongestRow = std::size_t{1} << 20;

  /// `source` must outlive this.
  explicit CsvRows(ByteSource& source);

  /// Goes to the next row; false when there is none. Throws IoError, and DataError for a quote that
  /// is not closed, text after a closed one, or a row over kLongestRow.
  bool next();

  /// The cells of the row, at least one; valid until the next call of next().
  const std::vector<std::string_view>& cells() const { return cells_; }

  std::size_t line() const { return line_; }  ///< where the row begins, from 1
  bool cut_off() const { return cut_off_; }   ///< whether the row ended without a line break

  /// Throws DataError about the current row.
  [[noreturn]] void refuse(std::string_view expected, std::string_view got) const;

 private:
  struct Range {
    std::size_t begin, end;
    bool quoted;
  };

  bool refill();
  bool scan_row();
  bool scan_quoted(std::size_t& at);
  std::string_view text_of(const Range& range);

  ByteSource& source_;
  std::string buffer_;
  std::size_t begin_ = 0, filled_ = 0;  // the bytes of buffer_ that are not yet rows
  bool source_ended_ = false;
  bool cut_off_ = false;
  std::size_t line_ = 0, next_line_ = 1;
  std::vector<Range> ranges_;
  std::vector<std::string_view> cells_;
};

}  // namespace ravine
