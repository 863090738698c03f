#include "ravine/data/hashing_source.hpp"

#include <algorithm>

namespace ravine {

namespace {

// Small enough that the bytes are still in the cache when they are hashed.
constexpr std::size_t kPieceSize = std::size_t{1} << 17;

}  // namespace

HashingSource::HashingSource(ByteSource& inner) : ByteSource(inner.where()), inner_(inner) {}

std::size_t HashingSource::read(std::span<std::byte> out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const auto piece = out.subspan(filled, std::min(kPieceSize, out.size() - filled));
    const std::size_t count = inner_.read(piece);
    sum_.update(piece.first(count));
    filled += count;
    if (count < piece.size()) break;
  }
  return filled;
}

}  // namespace ravine
