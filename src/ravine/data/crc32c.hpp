#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ravine {

/// The cyclic redundancy check CRC-32C (Castagnoli, reflected polynomial 0x82F63B78; RFC 3720,
/// appendix B.4). zlib's is another.
std::uint32_t crc32c(std::span<const std::byte> bytes);

}  // namespace ravine
