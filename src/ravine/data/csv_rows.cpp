#include "ravine/data/csv_rows.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace {

constexpr std::size_t kFirstBuffer = std::size_t{1} << 16;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

CsvRows::CsvRows(ByteSource& source) : source_(source), buffer_(kFirstBuffer, '\0') {
  refill();
  if (std::string_view(buffer_).substr(0, filled_).starts_with(kByteOrderMark)) {
    begin_ = kByteOrderMark.size();
  }
}

bool CsvRows::next() {
  line_ = next_line_;
  while (!scan_row()) {
    if (refill()) continue;
    if (begin_ == filled_) return false;
    refuse("a closing quote", "the end of the file");
  }
  cells_.clear();
  for (const Range& range : ranges_) cells_.push_back(text_of(range));
  return true;
}

/// Gets more bytes behind those that are left, or the news that there are none; false when that was
/// known.
bool CsvRows::refill() {
  if (source_ended_) return false;
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(filled_), buffer_.begin());
  filled_ -= begin_;
  begin_ = 0;
  if (filled_ == buffer_.size()) {
    if (filled_ >= kLongestRow) {
      refuse(fmt::format("rows of at most {} bytes", kLongestRow), "a longer one");
    }
    buffer_.resize(2 * buffer_.size());
  }
  const std::size_t got = source_.read(std::as_writable_bytes(std::span(buffer_)).subspan(filled_));
  source_ended_ = filled_ + got < buffer_.size();
  filled_ += got;
  return true;
}

/// Finds the cells of the next row; false when the bytes at hand do not hold the whole row.
bool CsvRows::scan_row() {
  ranges_.clear();
  next_line_ = line_;
  if (begin_ == filled_) return false;
  std::size_t at = begin_;
  while (true) {
    std::size_t start = at;
    while (start < filled_ && is_blank(buffer_[start])) ++start;
    if (start < filled_ && buffer_[start] == '"') {
      at = start;
      if (!scan_quoted(at)) return false;
    } else {
      start = at;
      while (at < filled_ && buffer_[at] != ',' && buffer_[at] != '\n') ++at;
      ranges_.push_back({start, at, false});
    }
    cut_off_ = at == filled_;
    if (cut_off_ && !source_ended_) return false;
    if (!cut_off_ && buffer_[at++] == ',') continue;
    break;
  }
  Range& last = ranges_.back();
  if (!last.quoted && last.end > last.begin && buffer_[last.end - 1] == '\r') --last.end;
  next_line_ += !cut_off_;
  begin_ = at;
  return true;
}

/// From an opening quote to the separator behind the closing one.
bool CsvRows::scan_quoted(std::size_t& at) {
  const std::size_t start = ++at;
  while (true) {
    while (at < filled_ && buffer_[at] != '"') next_line_ += buffer_[at++] == '\n';
    if (at == filled_ || (at + 1 == filled_ && !source_ended_)) return false;
    if (at + 1 == filled_ || buffer_[at + 1] != '"') break;
    at += 2;
  }
  ranges_.push_back({start, at++, true});
  while (at < filled_ && (is_blank(buffer_[at]) || buffer_[at] == '\r')) ++at;
  if (at < filled_ && buffer_[at] != ',' && buffer_[at] != '\n') {
    refuse("a comma after the closing quote", "more text");
  }
  return true;
}

/// A quoted cell loses its doubled quotes in place: its text only gets shorter.
std::string_view CsvRows::text_of(const Range& range) {
  char* const begin = buffer_.data() + range.begin;
  char* end = buffer_.data() + range.end;
  if (range.quoted) {
    char* out = begin;
    for (const char* in = begin; in < end; ++in) {
      *out++ = *in;
      if (*in == '"') ++in;
    }
    end = out;
  }
  return {begin, static_cast<std::size_t>(end - begin)};
}

void CsvRows::refuse(std::string_view expected, std::string_view got) const {
  throw DataError(
      error_text("csv", fmt::format("{}, line {}", source_.where(), line_), expected, got));
}

}  // namespace ravine
