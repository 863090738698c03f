#include "ravine/record/csv_text.hpp"

#include <utility>

#include "ravine/base/error.hpp"

namespace ravine {

namespace {

void append_quoted(fmt::memory_buffer& buffer, std::string_view text) {
  buffer.push_back('"');
  for (const char c : text) {
    if (c == '"') buffer.push_back('"');
    buffer.push_back(c);
  }
  buffer.push_back('"');
}

}  // namespace

CsvText::CsvText(std::string table, std::size_t columns)
    : table_(std::move(table)), column_count_(columns) {
  if (columns == 0) throw ShapeError(error_text("csv", table_, "at least one column", "none"));
}

CsvText& CsvText::cell(std::string_view text) {
  begin_cell();
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    buffer_.append(text);
  } else {
    append_quoted(buffer_, text);
  }
  return *this;
}

void CsvText::append(const CsvText& rows) {
  if (inside_row() || rows.inside_row()) {
    throw ShapeError(error_text("csv", table_, "rows behind rows", "an unfinished one"));
  }
  buffer_.append(rows.view());
}

void CsvText::end_row() {
  if (cells_in_row_ != column_count_) {
    throw ShapeError(error_text("csv", table_, fmt::format("rows of {} cells", column_count_),
                                fmt::format("{}", cells_in_row_)));
  }
  buffer_.push_back('\n');
  cells_in_row_ = 0;
}

}  // namespace ravine
