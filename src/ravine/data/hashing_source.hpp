#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "ravine/data/byte_source.hpp"
#include "ravine/data/sha256.hpp"

namespace ravine {

/// Passes another source through and takes the SHA-256 of what passes.
class HashingSource : public ByteSource {
 public:
  /// `inner` must outlive this source.
  explicit HashingSource(ByteSource& inner);

  std::size_t read(std::span<std::byte> out) override;
  std::uint64_t most_remaining() const override { return inner_.most_remaining(); }

  /// SHA-256 of all bytes read so far, in hexadecimal digits.
  std::string sha256() const { return sum_.hex(); }

 private:
  ByteSource& inner_;
  Sha256 sum_;
};

}  // namespace ravine
