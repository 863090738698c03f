#include "ravine/data/bounded_read.hpp"

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

std::optional<std::size_t> checked_product(std::span<const std::size_t> factors) {
  std::size_t product = 1;
  for (const std::size_t factor : factors) {
    if (__builtin_mul_overflow(product, factor, &product)) return std::nullopt;
  }
  return product;
}

void read_exactly(ByteSource& source, std::span<std::byte> out, std::string_view component,
                  std::string_view what) {
  const std::size_t count = source.read(out);
  if (count == out.size()) return;
  throw DataError(error_text(component, source.where(),
                             fmt::format("{} bytes of {}", out.size(), what),
                             fmt::format("{} before the end", count)));
}

void require_remaining(const ByteSource& source, std::uint64_t byte_count,
                       std::string_view component, std::string_view what) {
  if (byte_count <= source.most_remaining()) return;
  throw DataError(error_text(component, source.where(),
                             fmt::format("{} bytes of {}", byte_count, what),
                             fmt::format("at most {} before the end", source.most_remaining())));
}

void require_end(ByteSource& source, std::string_view component) {
  std::byte extra[1];
  if (source.read(extra) == 0) return;
  throw DataError(
      error_text(component, source.where(), "nothing after the announced content", "more bytes"));
}

}  // namespace ravine
