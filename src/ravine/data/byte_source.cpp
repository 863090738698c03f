#include "ravine/data/byte_source.hpp"

#include <algorithm>

namespace ravine {

MemorySource::MemorySource(std::string_view bytes, std::string where)
    : ByteSource(std::move(where)), rest_(std::as_bytes(std::span(bytes))) {}

std::size_t MemorySource::read(std::span<std::byte> out) {
  const std::size_t count = std::min(out.size(), rest_.size());
  std::copy_n(rest_.begin(), count, out.begin());
  rest_ = rest_.subspan(count);
  return count;
}

}  // namespace ravine
