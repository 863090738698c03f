#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ravine {

/// Bytes that come in order: from memory, from a file, out of an archive. Every reader of a data
/// format reads from one of these and therefore need not care where its bytes lie.
class ByteSource {
 public:
  /// `where` names the source in error messages, e.g. the path of the file.
  explicit ByteSource(std::string where) : where_(std::move(where)) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Fills `out` from its front and returns the number of bytes filled, fewer than asked only when
  /// the source has ended. Throws IoError when reading fails, DataError when an archive is damaged.
  virtual std::size_t read(std::span<std::byte> out) = 0;

  /// An upper bound, in bytes, of what is still to come, justified by the storage behind the source
  /// and not by anything written in it. Memory for announced content is only allocated below it.
  virtual std::uint64_t most_remaining() const = 0;

  const std::string& where() const { return where_; }

 private:
  std::string where_;
};

/// A source over bytes somebody else owns and keeps alive.
class MemorySource : public ByteSource {
 public:
  MemorySource(std::string_view bytes, std::string where);

  std::size_t read(std::span<std::byte> out) override;
  std::uint64_t most_remaining() const override { return rest_.size(); }

 private:
  std::span<const std::byte> rest_;
};

}  // namespace ravine
