#include "ravine/kernels/byte_matrix.hpp"

#include <algorithm>

#include <hwy/base.h>

#include "ravine/base/prefetch.hpp"
#include "ravine/kernels/native/amx-inl.h"
#include "ravine/kernels/shape_check.hpp"

#if RAVINE_AMX
#include <cpuid.h>
#include <unistd.h>

#include <sys/syscall.h>
#endif

namespace ravine {

#if RAVINE_AMX

namespace {

bool processor_multiplies_bytes() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_OSXSAVE) == 0) return false;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  constexpr unsigned kAvx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;  // F, DQ, BW, VL
  constexpr unsigned kVnni = 1u << 11, kAmx = 1u << 24 | 1u << 25;         // AMX-TILE, AMX-INT8
  if ((b & kAvx512) != kAvx512 || (c & kVnni) == 0 || (d & kAmx) != kAmx) return false;
  unsigned low = 0, high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  constexpr unsigned kSaved = 0x600E6;  // registers of AVX-512 and AMX
  return (low & kSaved) == kSaved;
}

/// Linux gives the large tile registers only to processes that ask for them.
bool system_grants_tiles() {
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

using Group = const std::uint8_t * [amx::kRows];  // consecutive rows of X

}  // namespace

RAVINE_AMX_PUSH_ATTRIBUTES
namespace {

/// Rows as columns of X^T: one tile for 64 elements of them.
void transpose_rows(const Group& rows, std::size_t cols, std::uint8_t* tile) {
  for (std::size_t p = 0; p < cols; p += amx::kRowBytes, tile += amx::kTile) {
    const __mmask64 mask = amx::first64(cols - p);
    __m512i from[16], to[16];
    for (int i = 0; i < 16; ++i) from[i] = _mm512_maskz_loadu_epi8(mask, rows[i] + p);
    amx::transpose(from, to);
    for (int i = 0; i < 16; ++i) _mm512_store_si512(tile + i * amx::kRowBytes, to[i]);
  }
}

/// Four rows of X, interleaved: one row of a tile for 16 elements of them.
void interleave_rows(const std::uint8_t* const* rows, std::size_t cols, std::uint8_t* tile_row,
                     std::size_t tile_distance) {
  for (std::size_t j = 0; j < cols; j += 64) {
    const __mmask64 mask = amx::first64(cols - j);
    __m512i row[4];
    for (int i = 0; i < 4; ++i) row[i] = _mm512_maskz_loadu_epi8(mask, rows[i] + j);
    const __m512i low01 = _mm512_unpacklo_epi8(row[0], row[1]);
    const __m512i high01 = _mm512_unpackhi_epi8(row[0], row[1]);
    const __m512i low23 = _mm512_unpacklo_epi8(row[2], row[3]);
    const __m512i high23 = _mm512_unpackhi_epi8(row[2], row[3]);
    // quarter[i]: in block b of 128 bits elements 16 b + 4 i to 16 b + 4 i + 3
    const __m512i quarter[4] = {
        _mm512_unpacklo_epi16(low01, low23), _mm512_unpackhi_epi16(low01, low23),
        _mm512_unpacklo_epi16(high01, high23), _mm512_unpackhi_epi16(high01, high23)};
    const __m512i front01 = _mm512_shuffle_i32x4(quarter[0], quarter[1], 0x44);
    const __m512i back01 = _mm512_shuffle_i32x4(quarter[0], quarter[1], 0xEE);
    const __m512i front23 = _mm512_shuffle_i32x4(quarter[2], quarter[3], 0x44);
    const __m512i back23 = _mm512_shuffle_i32x4(quarter[2], quarter[3], 0xEE);
    const __m512i sixteen[4] = {
        _mm512_shuffle_i32x4(front01, front23, 0x88), _mm512_shuffle_i32x4(front01, front23, 0xDD),
        _mm512_shuffle_i32x4(back01, back23, 0x88), _mm512_shuffle_i32x4(back01, back23, 0xDD)};
    for (std::size_t i = 0; i < 4 && j + 16 * i < cols; ++i, tile_row += tile_distance) {
      _mm512_store_si512(tile_row, sixteen[i]);
    }
  }
}

}  // namespace
HWY_POP_ATTRIBUTES

bool has_byte_products() {
  static const bool has = processor_multiplies_bytes() && system_grants_tiles();
  return has;
}

void ByteMatrix::assign(MatrixView<const std::uint8_t> source,
                        std::span<const std::uint32_t> chosen, float scale, float shift) {
  rows_ = chosen.size();
  cols_ = source.cols;
  scale_ = scale;
  shift_ = shift;
  for (std::size_t i = 0; i < rows_; i += amx::kRows) {
    for (std::size_t ahead = i + amx::kRows; ahead < std::min(i + 2 * amx::kRows, rows_); ++ahead) {
      prefetch(source.row(chosen[ahead]));
    }
    Group rows;  // behind the last one it stands again: nothing reads the result
    for (std::size_t r = 0; r < amx::kRows; ++r) {
      rows[r] = source.row(chosen[std::min(i + r, rows_ - 1)]).data();
    }
    transpose_rows(rows, cols_, transposed_.data() + i / amx::kRows * column_bytes(cols_));
    if (plain_.empty()) continue;
    for (std::size_t r = 0; r < amx::kRows; r += amx::kGroup) {
      const std::size_t tile = (i + r) / amx::kRowBytes;
      const std::size_t row = (i + r) % amx::kRowBytes / amx::kGroup;
      interleave_rows(rows + r, cols_, plain_.data() + tile * amx::kTile + row * amx::kRowBytes,
                      column_bytes(rows_));
    }
  }
}

#else

bool has_byte_products() { return false; }

void ByteMatrix::assign(MatrixView<const std::uint8_t>, std::span<const std::uint32_t>, float,
                        float) {}

#endif

void ByteMatrix::reserve(std::size_t rows, std::size_t cols, Products products) {
  if (!has_byte_products()) {
    throw ConfigError(
        error_text("byte_matrix", "processor", "matrix instructions for bytes", "none"));
  }
  // Products read two tiles of 16 columns at a time, even where the second is not needed.
  const auto size = [](std::size_t depth, std::size_t width) {
    return (width + 31) / 32 * 2 * column_bytes(depth);
  };
  transposed_.assign(size(cols, rows), 0);
  plain_.assign(products == Products::all ? size(rows, cols) : 0, 0);
}

}  // namespace ravine
