#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "ravine/data/byte_source.hpp"

namespace ravine {

/// The most bytes that deflated data of this size can inflate to: 1032 times as many, since a bit
/// for the length and a bit for the distance give at most 258.
std::uint64_t most_inflated(std::uint64_t compressed_size);

/// Whether the content begins as a gzip file does.
bool is_gzip(std::span<const std::byte> start);

/// Inflates gzip data of one member or several. It inflates what is asked for and no more, so the
/// reader's buffer bounds the memory. read() throws DataError for damaged or truncated data, a
/// wrong check sum, and bytes after the last member that are not gzip.
class GzipSource : public ByteSource {
 public:
  /// Takes over the source of the compressed bytes and goes by its name.
  explicit GzipSource(std::unique_ptr<ByteSource> compressed);
  ~GzipSource() override;

  std::size_t read(std::span<std::byte> out) override;
  std::uint64_t most_remaining() const override { return most_remaining_; }

 private:
  struct State;

  std::size_t inflate_some(std::span<std::byte> out);
  void refill();
  bool begin_next_member();

  std::unique_ptr<ByteSource> compressed_;
  std::unique_ptr<State> state_;
  std::uint64_t most_remaining_;
  bool between_members_ = false;
  bool at_end_ = false;
};

}  // namespace ravine
