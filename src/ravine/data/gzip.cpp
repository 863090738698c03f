#include "ravine/data/gzip.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <zlib.h>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace {

constexpr std::byte kFirstMagicByte{0x1f};
constexpr std::byte kSecondMagicByte{0x8b};
constexpr int kGzipWindowBits = 15 + 16;  // zlib's way to say: the gzip format, not zlib's own

}  // namespace

std::uint64_t most_inflated(std::uint64_t compressed_size) {
  constexpr std::uint64_t kRatio = 1032;
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return compressed_size > kMost / kRatio ? kMost : compressed_size * kRatio;
}

bool is_gzip(std::span<const std::byte> start) {
  return start.size() >= 2 && start[0] == kFirstMagicByte && start[1] == kSecondMagicByte;
}

struct GzipSource::State {
  z_stream stream{};
  std::array<std::byte, 1 << 16> input;

  State() {
    if (inflateInit2(&stream, kGzipWindowBits) != Z_OK) throw std::bad_alloc();
  }
  ~State() { inflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

GzipSource::GzipSource(std::unique_ptr<ByteSource> compressed)
    : ByteSource(compressed->where()),
      compressed_(std::move(compressed)),
      state_(std::make_unique<State>()),
      most_remaining_(most_inflated(compressed_->most_remaining())) {}

GzipSource::~GzipSource() = default;

std::size_t GzipSource::read(std::span<std::byte> out) {
  std::size_t filled = 0;
  while (filled < out.size() && !at_end_) filled += inflate_some(out.subspan(filled));
  most_remaining_ =
      at_end_ ? 0 : most_remaining_ - std::min<std::uint64_t>(most_remaining_, filled);
  return filled;
}

std::size_t GzipSource::inflate_some(std::span<std::byte> out) {
  z_stream& stream = state_->stream;
  if (stream.avail_in == 0) refill();
  if (between_members_ && !begin_next_member()) return 0;

  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  const uInt room = static_cast<uInt>(std::min<std::size_t>(out.size(), 1U << 30));
  stream.avail_out = room;
  const int status = inflate(&stream, Z_NO_FLUSH);
  if (status == Z_STREAM_END) {
    between_members_ = true;
  } else if (status == Z_BUF_ERROR) {
    throw DataError(error_text("gzip", where(), "a complete gzip file", "one that ends too early"));
  } else if (status != Z_OK) {
    const std::string reason = stream.msg != nullptr ? stream.msg : fmt::format("code {}", status);
    throw DataError(error_text("gzip", where(), "intact gzip data", reason));
  }
  return room - stream.avail_out;
}

void GzipSource::refill() {
  z_stream& stream = state_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(state_->input.data());
  stream.avail_in = static_cast<uInt>(compressed_->read(state_->input));
}

bool GzipSource::begin_next_member() {
  z_stream& stream = state_->stream;
  if (stream.avail_in == 0) {
    at_end_ = true;
    return false;
  }
  if (std::byte{*stream.next_in} != kFirstMagicByte) {
    throw DataError(error_text("gzip", where(), "nothing after the gzip data", "trailing bytes"));
  }
  inflateReset(&stream);
  between_members_ = false;
  return true;
}

}  // namespace ravine
