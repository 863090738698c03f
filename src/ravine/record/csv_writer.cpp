#include "ravine/record/csv_writer.hpp"

#include <cerrno>
#include <cstring>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"

namespace ravine {

namespace {

constexpr std::size_t kFlushBytes = 1 << 16;

void append(fmt::memory_buffer& buffer, std::string_view text) {
  buffer.append(text.data(), text.data() + text.size());
}

void append_quoted(fmt::memory_buffer& buffer, std::string_view text) {
  buffer.push_back('"');
  for (const char c : text) {
    if (c == '"') buffer.push_back('"');
    buffer.push_back(c);
  }
  buffer.push_back('"');
}

}  // namespace

CsvWriter::CsvWriter(const std::filesystem::path& path, const std::vector<std::string>& columns,
                     Open open)
    : path_(path),
      out_(path, std::ios::binary | (open == Open::anew ? std::ios::trunc : std::ios::app)),
      column_count_(columns.size()) {
  if (columns.empty()) {
    throw ShapeError(error_text("csv", path.string(), "at least one column", "none"));
  }
  if (!out_) fail();
  if (open == Open::append) return;
  for (const std::string& column : columns) cell(std::string_view(column));
  end_row();
}

CsvWriter::~CsvWriter() {
  out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
}

CsvWriter& CsvWriter::cell(std::string_view text) {
  begin_cell();
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    append(buffer_, text);
  } else {
    append_quoted(buffer_, text);
  }
  return *this;
}

void CsvWriter::end_row() {
  if (cells_in_row_ != column_count_) {
    throw ShapeError(error_text("csv", path_.string(),
                                fmt::format("rows of {} cells", column_count_),
                                fmt::format("{}", cells_in_row_)));
  }
  buffer_.push_back('\n');
  cells_in_row_ = 0;
  if (buffer_.size() >= kFlushBytes) flush();
}

void CsvWriter::close() {
  if (cells_in_row_ != 0) end_row();
  flush();
  out_.close();
  if (!out_) fail();
}

void CsvWriter::begin_cell() {
  if (cells_in_row_++ > 0) buffer_.push_back(',');
}

void CsvWriter::flush() {
  out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  out_.flush();
  buffer_.clear();
  if (!out_) fail();
}

void CsvWriter::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter(path_.filename().string());
  std::uintmax_t bytes = 0;
  if (!state.restores()) {
    flush();
    sync_to_disk(path_);
    bytes = std::filesystem::file_size(path_);
  }
  state.number("bytes", bytes);
  if (state.restores()) restore(state.folder() / path_.filename(), bytes);
}

void CsvWriter::restore(const std::filesystem::path& from, std::uintmax_t bytes) {
  const std::string header(buffer_.data(), buffer_.size());
  std::string content = read_file(from);
  const bool holds = content.size() >= bytes && bytes > 0 && content[bytes - 1] == '\n' &&
                     content.starts_with(header);
  if (!holds) {
    throw DataError(error_text("checkpoint", from.string(),
                               fmt::format("a table of {} bytes or more", bytes),
                               "one that was changed or cut off"));
  }
  content.resize(bytes);
  buffer_.clear();
  out_.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!out_) fail();
}

void CsvWriter::fail() const {
  throw IoError(error_text("csv", path_.string(), "a writable file", std::strerror(errno)));
}

}  // namespace ravine
