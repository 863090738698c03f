#include "ravine/record/event_file.hpp"

#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/data/crc32c.hpp"

namespace ravine {

static_assert(std::endian::native == std::endian::little);  // as both formats are

namespace {

template <class T>
void append_bytes(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
  out += static_cast<char>(value);
}

/// How a protocol buffer says what follows a field's number.
enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, length = 2, fixed32 = 5 };

void append_key(std::string& out, std::uint64_t field, Wire wire) {
  append_varint(out, field << 3 | static_cast<std::uint64_t>(wire));
}

void append_text(std::string& out, std::uint64_t field, std::string_view text) {
  append_key(out, field, Wire::length);
  append_varint(out, text.size());
  out += text;
}

double wall_seconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

std::string event_now(std::int64_t step) {
  std::string event;
  append_key(event, 1, Wire::fixed64);  // Event.wall_time
  append_bytes(event, wall_seconds());
  append_key(event, 2, Wire::varint);  // Event.step
  append_varint(event, static_cast<std::uint64_t>(step));
  return event;
}

std::uint32_t masked_crc(std::string_view bytes) {
  const std::uint32_t crc = crc32c(std::as_bytes(std::span(bytes)));
  return std::rotr(crc, 15) + 0xA282EAD8U;
}

}  // namespace

EventFile::EventFile(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    throw IoError(error_text("tensorboard", folder.string(), "a place that can be written",
                             failed.message()));
  }
  char host[256] = "localhost";
  gethostname(host, sizeof(host) - 1);
  path_ = folder / fmt::format("events.out.tfevents.{:.0f}.{}.{}", wall_seconds(), host, getpid());
  out_.open(path_, std::ios::binary | std::ios::trunc);
  check();
  std::string event = event_now(0);
  append_text(event, 3, "brain.Event:2");  // Event.file_version
  write_record(event);
}

void EventFile::add(std::int64_t step, std::span<const Scalar> scalars) {
  std::string summary;
  for (const Scalar& scalar : scalars) {
    std::string value;
    append_text(value, 1, scalar.tag);    // Summary.Value.tag
    append_key(value, 2, Wire::fixed32);  // Summary.Value.simple_value
    append_bytes(value, static_cast<float>(scalar.value));
    append_text(summary, 1, value);  // Summary.value
  }
  std::string event = event_now(step);
  append_text(event, 5, summary);  // Event.summary
  write_record(event);
}

void EventFile::sync() {
  out_.flush();
  check();
  sync_to_disk(path_);
}

void EventFile::close() {
  out_.close();
  check();
}

void EventFile::write_record(const std::string& event) {
  std::string length;
  append_bytes(length, static_cast<std::uint64_t>(event.size()));
  std::string record = length;
  append_bytes(record, masked_crc(length));
  record += event;
  append_bytes(record, masked_crc(event));
  out_.write(record.data(), static_cast<std::streamsize>(record.size()));
  check();
}

void EventFile::check() const {
  if (out_) return;
  throw IoError(error_text("tensorboard", path_.string(), "a file that can be written",
                           std::strerror(errno)));
}

}  // namespace ravine
