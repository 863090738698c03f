#pragma once

#include "ravine/data/byte_source.hpp"

namespace ravine {

/// Standard input, a file or a pipe, read once from where it is.
class StandardInput : public ByteSource {
 public:
  StandardInput() : ByteSource("standard input") {}

  std::size_t read(std::span<std::byte> out) override;

  /// Of a stream nothing is known: no memory may be allocated for what it announces.
  std::uint64_t most_remaining() const override { return 0; }
};

}  // namespace ravine
