#include "ravine/record/csv_writer.hpp"

#include <cerrno>
#include <cstring>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"

namespace ravine {

namespace {

constexpr std::size_t kFlushBytes = 1 << 16;

}  // namespace

CsvWriter::CsvWriter(const std::filesystem::path& path, const std::vector<std::string>& columns,
                     Open open)
    : path_(path),
      out_(path, std::ios::binary | (open == Open::anew ? std::ios::trunc : std::ios::app)),
      text_(path.string(), columns.size()) {
  if (!out_) fail();
  if (open == Open::append) return;
  for (const std::string& column : columns) cell(std::string_view(column));
  end_row();
}

CsvWriter::~CsvWriter() { write(text_.view()); }

void CsvWriter::end_row() {
  text_.end_row();
  flush_if_large();
}

void CsvWriter::append(const CsvText& rows) {
  text_.append(rows);
  flush_if_large();
}

void CsvWriter::close() {
  if (text_.inside_row()) end_row();
  flush();
  out_.close();
  if (!out_) fail();
}

void CsvWriter::flush_if_large() {
  if (text_.view().size() >= kFlushBytes) flush();
}

void CsvWriter::flush() {
  write(text_.view());
  out_.flush();
  text_.clear();
  if (!out_) fail();
}

void CsvWriter::write(std::string_view text) {
  out_.write(text.data(), static_cast<std::streamsize>(text.size()));
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
  const std::string header(text_.view());
  std::string content = read_file(from);
  const bool holds = content.size() >= bytes && bytes > 0 && content[bytes - 1] == '\n' &&
                     content.starts_with(header);
  if (!holds) {
    throw DataError(error_text("checkpoint", from.string(),
                               fmt::format("a table of {} bytes or more", bytes),
                               "one that was changed or cut off"));
  }
  content.resize(bytes);
  text_.clear();
  write(content);
  if (!out_) fail();
}

void CsvWriter::fail() const {
  throw IoError(error_text("csv", path_.string(), "a writable file", std::strerror(errno)));
}

}  // namespace ravine
