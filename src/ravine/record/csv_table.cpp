#include "ravine/record/csv_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"

namespace ravine {

namespace {

// Offsets are 32 bits wide.
constexpr std::uintmax_t kLargestFile = std::uintmax_t{1} << 30;

constexpr std::string_view kLastLineBreak = "a line break at the end";
constexpr std::string_view kCutOff = "a file that was cut off";

[[noreturn]] void refuse(const std::filesystem::path& path, std::size_t line,
                         std::string_view expected, std::string_view got) {
  throw DataError(
      error_text("csv", fmt::format("{}, line {}", path.string(), line), expected, got));
}

// Walks over the content, one cell a call. A quoted cell is unquoted in place: its text only
// gets shorter.
class CellScanner {
 public:
  CellScanner(const std::filesystem::path& path, std::string& content)
      : path_(path), content_(content) {}

  struct Scanned {
    std::size_t begin;
    std::size_t end;
    std::size_t line;
    bool ends_row;
  };

  bool at_end() const { return position_ == content_.size(); }

  Scanned next() {
    Scanned cell{position_, position_, line_, false};
    if (content_[position_] == '"') {
      cell.end = unquote();
    } else {
      position_ = content_.find_first_of(",\n", position_);
      if (position_ == std::string::npos) refuse_cut_off();
      cell.end = position_;
      if (content_[position_] == '\n' && cell.end > cell.begin && content_[cell.end - 1] == '\r') {
        --cell.end;
      }
    }
    cell.ends_row = take_separator();
    return cell;
  }

 private:
  std::size_t unquote() {
    std::size_t end = position_++;
    while (true) {
      if (at_end()) refuse(path_, line_, "a closing quote", "the end of the file");
      const char c = content_[position_++];
      if (c == '"' && (at_end() || content_[position_] != '"')) return end;
      if (c == '"') ++position_;
      if (c == '\n') ++line_;
      content_[end++] = c;
    }
  }

  bool take_separator() {
    if (!at_end() && content_[position_] == '\r') ++position_;
    if (at_end()) refuse_cut_off();
    const char c = content_[position_++];
    if (c != ',' && c != '\n') refuse(path_, line_, "a comma after the closing quote", "more text");
    if (c == '\n') ++line_;
    return c == '\n';
  }

  [[noreturn]] void refuse_cut_off() const { refuse(path_, line_, kLastLineBreak, kCutOff); }

  const std::filesystem::path& path_;
  std::string& content_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
};

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
  table.content_ = read_file(path);
  table.parse();
  return table;
}

void CsvTable::parse() {
  if (content_.empty()) refuse(path_, 1, "a header line", "an empty file");
  CellScanner scanner(path_, content_);
  std::vector<Cell> row;
  while (!scanner.at_end()) {
    const auto cell = scanner.next();
    row.push_back({static_cast<std::uint32_t>(cell.begin),
                   static_cast<std::uint32_t>(cell.end - cell.begin),
                   static_cast<std::uint32_t>(cell.line)});
    if (!cell.ends_row) continue;
    columns_.empty() ? take_header(row) : take_row(row);
    row.clear();
  }
  if (!row.empty()) refuse(path_, row.back().line, kLastLineBreak, kCutOff);
}

void CsvTable::take_header(const std::vector<Cell>& row) {
  for (const Cell& cell : row) {
    const std::string_view name = text_of(cell);
    if (name.empty()) refuse(path_, 1, "a name for every column", "an empty one");
    if (has_column(name))
      refuse(path_, 1, "column names that differ", fmt::format("'{}' twice", name));
    columns_.emplace_back(name);
  }
}

void CsvTable::take_row(const std::vector<Cell>& row) {
  if (row.size() != columns_.size()) {
    refuse(path_, row.front().line, fmt::format("{} cells", columns_.size()),
           fmt::format("{}", row.size()));
  }
  cells_.insert(cells_.end(), row.begin(), row.end());
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
