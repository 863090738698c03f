#include "ravine/record/csv_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/data/file_source.hpp"

namespace ravine {

namespace {

// Offsets are 32 bits wide.
constexpr std::uintmax_t kLargestFile = std::uintmax_t{1} << 30;

[[noreturn]] void refuse(const std::filesystem::path& path, std::size_t line,
                         std::string_view expected, std::string_view got) {
  throw DataError(
      error_text("csv", fmt::format("{}, line {}", path.string(), line), expected, got));
}

}  // namespace

CsvTable CsvTable::read(const std::filesystem::path& path) {
  std::error_code unknown;
  const std::uintmax_t size = std::filesystem::file_size(path, unknown);
  if (!unknown && size > kLargestFile) {
    throw DataError(
        error_text("csv", path.string(), "at most 1 GiB", fmt::format("{} bytes", size)));
  }
  CsvTable table;
  table.path_ = path;
  FileSource source(path);
  CsvRows rows(source);
  while (rows.next()) {
    if (rows.cut_off()) rows.refuse("a line break at the end", "a file that was cut off");
    table.columns_.empty() ? table.take_header(rows) : table.take_row(rows);
  }
  if (table.columns_.empty()) rows.refuse("a header line", "an empty file");
  return table;
}

void CsvTable::take_header(const CsvRows& rows) {
  for (const std::string_view name : rows.cells()) {
    if (name.empty()) rows.refuse("a name for every column", "an empty one");
    if (has_column(name)) rows.refuse("column names that differ", fmt::format("'{}' twice", name));
    columns_.emplace_back(name);
  }
}

void CsvTable::take_row(const CsvRows& rows) {
  if (rows.cells().size() != columns_.size()) {
    rows.refuse(fmt::format("{} cells", columns_.size()), fmt::format("{}", rows.cells().size()));
  }
  for (const std::string_view text : rows.cells()) {
    cells_.push_back({static_cast<std::uint32_t>(content_.size()),
                      static_cast<std::uint32_t>(text.size()),
                      static_cast<std::uint32_t>(rows.line())});
    content_ += text;
  }
  ++row_count_;
}

bool CsvTable::has_column(std::string_view column) const {
  return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
}

std::size_t CsvTable::index_of(std::string_view column) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  if (found == columns_.end()) {
    refuse(path_, 1, fmt::format("a column '{}'", column),
           fmt::format("'{}'", fmt::join(columns_, "', '")));
  }
  return static_cast<std::size_t>(found - columns_.begin());
}

std::string_view CsvTable::text_of(const Cell& cell) const {
  return std::string_view(content_).substr(cell.begin, cell.length);
}

std::vector<double> CsvTable::numbers(std::string_view column) const {
  const std::size_t index = index_of(column);
  std::vector<double> values(row_count_, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t row = 0; row < row_count_; ++row) {
    const Cell& cell = cells_[row * columns_.size() + index];
    const std::string_view text = text_of(cell);
    if (text.empty()) continue;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), values[row]);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() ||
        !std::isfinite(values[row])) {
      refuse(path_, cell.line, fmt::format("a finite number in column '{}'", column),
             fmt::format("'{}'", text.substr(0, 40)));
    }
  }
  return values;
}

std::vector<std::string> CsvTable::texts(std::string_view column) const {
  const std::size_t index = index_of(column);
  std::vector<std::string> values;
  values.reserve(row_count_);
  for (std::size_t row = 0; row < row_count_; ++row) {
    values.emplace_back(text_of(cells_[row * columns_.size() + index]));
  }
  return values;
}

}  // namespace ravine
