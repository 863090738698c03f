#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ravine/data/byte_source.hpp"

namespace ravine {

/// The product of the factors, or nothing when it does not fit.
std::optional<std::size_t> checked_product(std::span<const std::size_t> factors);

/// Fills `out`. Throws DataError, `[component] where: expected N bytes of <what>, got ...`, when
/// the source ends before.
void read_exactly(ByteSource& source, std::span<std::byte> out, std::string_view component,
                  std::string_view what);

/// Throws DataError when the storage behind the source cannot hold `count` more bytes of `what`.
void require_remaining(const ByteSource& source, std::uint64_t byte_count,
                       std::string_view component, std::string_view what);

/// Throws DataError unless the source has ended.
void require_end(ByteSource& source, std::string_view component);

/// Reads `count` elements as they lie in the file into a new buffer, which is only allocated when
/// the source can hold so many. Throws DataError otherwise, or when the source ends before.
template <class Buffer>
Buffer read_elements(ByteSource& source, std::size_t count, std::string_view component,
                     std::string_view what) {
  constexpr std::size_t kElementSize = sizeof(typename Buffer::value_type);
  const std::size_t factors[] = {count, kElementSize};
  require_remaining(source, checked_product(factors).value_or(SIZE_MAX), component, what);
  Buffer buffer(count);
  read_exactly(source, std::as_writable_bytes(std::span(buffer)), component, what);
  return buffer;
}

}  // namespace ravine
