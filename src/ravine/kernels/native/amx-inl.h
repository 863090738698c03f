// What the byte products need of AVX-512 and AMX. Functions between PUSH and POP may only run where
// has_byte_products().
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <hwy/base.h>

#if HWY_ARCH_X86_64 && defined(__linux__) && HWY_COMPILER_GCC_ACTUAL >= 1100 || \
    HWY_ARCH_X86_64 && defined(__linux__) && HWY_COMPILER_CLANG >= 1200
#define RAVINE_AMX 1
#else
#define RAVINE_AMX 0
#endif

#if RAVINE_AMX
#include <immintrin.h>

#define RAVINE_AMX_PUSH_ATTRIBUTES \
  HWY_PUSH_ATTRIBUTES(             \
      "avx,avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,amx-tile,amx-int8")

RAVINE_AMX_PUSH_ATTRIBUTES
namespace ravine::amx {

inline constexpr std::size_t kRows = 16;                 // of a tile
inline constexpr std::size_t kRowBytes = 64;             // of a tile
inline constexpr std::size_t kTile = kRows * kRowBytes;  // bytes
inline constexpr std::size_t kGroup = 4;                 // bytes that one instruction adds up

/// Tile registers of 16 rows of 64 bytes, as long as this lives.
class Tiles {
 public:
  Tiles() {
    struct {
      std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
      std::uint16_t row_bytes[16] = {};
      std::uint8_t rows[16] = {};
    } config;
    for (std::size_t tile = 0; tile < 8; ++tile) {
      config.row_bytes[tile] = kRowBytes;
      config.rows[tile] = kRows;
    }
    static_assert(sizeof config == 64);
    fence();
    _tile_loadconfig(&config);
  }
  ~Tiles() { _tile_release(); }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;

  /// What was stored is in memory before tiles are loaded: g++ does not know that they read it.
  static void fence() { asm volatile("" ::: "memory"); }
};

/// The mask of the first `count` lanes, all of them from `count` = lanes on.
inline __mmask16 first16(std::size_t count) {
  return static_cast<__mmask16>(count >= 16 ? 0xFFFFu : (1u << count) - 1);
}
inline __mmask64 first64(std::size_t count) {
  return count >= 64 ? ~__mmask64{0} : (__mmask64{1} << count) - 1;
}

/// to[i] holds lane i of from[0], from[1], ... from[15].
HWY_INLINE void transpose(const __m512i (&from)[16], __m512i (&to)[16]) {
  __m512i x[16], y[16];
  for (int i = 0; i < 8; ++i) {
    x[2 * i] = _mm512_unpacklo_epi32(from[2 * i], from[2 * i + 1]);
    x[2 * i + 1] = _mm512_unpackhi_epi32(from[2 * i], from[2 * i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    y[i] = _mm512_unpacklo_epi64(x[i], x[i + 2]);
    y[i + 1] = _mm512_unpackhi_epi64(x[i], x[i + 2]);
    y[i + 2] = _mm512_unpacklo_epi64(x[i + 1], x[i + 3]);
    y[i + 3] = _mm512_unpackhi_epi64(x[i + 1], x[i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    x[i] = _mm512_shuffle_i32x4(y[i], y[i + 4], 0x88);
    x[i + 4] = _mm512_shuffle_i32x4(y[i], y[i + 4], 0xDD);
    x[i + 8] = _mm512_shuffle_i32x4(y[i + 8], y[i + 12], 0x88);
    x[i + 12] = _mm512_shuffle_i32x4(y[i + 8], y[i + 12], 0xDD);
  }
  for (int i = 0; i < 8; ++i) {
    to[i] = _mm512_shuffle_i32x4(x[i], x[i + 8], 0x88);
    to[i + 8] = _mm512_shuffle_i32x4(x[i], x[i + 8], 0xDD);
  }
}

}  // namespace ravine::amx
HWY_POP_ATTRIBUTES
#endif  // RAVINE_AMX
