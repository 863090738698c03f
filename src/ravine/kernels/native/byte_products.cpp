#include <algorithm>
#include <limits>

#include "ravine/kernels/byte_matrix.hpp"
#include "ravine/kernels/native/amx-inl.h"
#include "ravine/kernels/shape_check.hpp"

namespace ravine {

#if RAVINE_AMX

namespace {

using amx::kRows, amx::kRowBytes, amx::kTile;

constexpr std::size_t kDigits = 4;         // of an integer, to base 256
constexpr std::int32_t kIntegerBits = 30;  // magnitudes are at most 2^30
constexpr std::size_t kColumns = 32;       // of X, two tiles of 16, at a time

/// Up to 16 rows of the left operand: row r is 2^exponent[r] times integers.
struct FixedPointRows {
  AlignedBuffer<std::int8_t> digits;  // of 64 columns a tile for each digit, the lowest first
  AlignedBuffer<float> columns;       // of a transposed operand, as rows
  float exponent[kRows];
  float poison[kRows];  // NaN where a number of the row is not finite, otherwise 0
  float sum[kRows];     // of the row's integers, plus poison

  void reserve(std::size_t depth) {
    const std::size_t tiles = ByteMatrix::tiles_along(depth);
    if (digits.size() >= tiles * kDigits * kTile) return;
    digits.resize(tiles * kDigits * kTile);
    columns.resize(tiles * kTile);
  }
};

/// Dot products of 16 rows with each of two times 16 columns of X, digit by digit.
struct DigitSums {
  alignas(64) std::int32_t of[2][kDigits][kRows * kRows];
};

/// The left operand itself, (m, k): row i begins at data[i * stride], or, transposed, column i.
struct Left {
  const float* data;
  std::size_t stride, rows, depth;
  bool transposed;
};

/// Where the product goes, (m, n), or, transposed, (n, m).
struct Result {
  float* data;
  std::size_t stride, rows, cols;
  bool transposed;
  Store store;
};

}  // namespace

RAVINE_AMX_PUSH_ATTRIBUTES
namespace {

constexpr std::int32_t kInfinityBits = 0x7F800000;

HWY_INLINE __m512i magnitude_bits(__m512 x) {
  return _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7FFFFFFF));
}

/// What to divide by so that magnitudes up to the one of these bits become at most 2^30.
HWY_INLINE std::int32_t exponent_for(std::int32_t largest_bits) {
  constexpr std::int32_t kBias = 126;  // numbers of exponent field E are below 2^(E - 126)
  return largest_bits / (1 << 23) - kBias - kIntegerBits;
}

/// Turns 64 numbers of a row into integers and stores their digits, one tile apart.
HWY_INLINE void store_digits(const __m512 (&x)[4], __m512 exponent, std::int8_t* to,
                             __m512i (&sums)[kDigits]) {
  // Adding 128 to each of the three lower bytes carries where their digit is to be negative.
  const __m512i carry = _mm512_set1_epi32(0x00808080);
  const __m512i by_digit =
      _mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  const __m512 up = _mm512_sub_ps(_mm512_setzero_ps(), exponent);
  __m512i v[4];
  for (int i = 0; i < 4; ++i) {
    const __m512i integer = _mm512_cvtps_epi32(_mm512_scalef_ps(x[i], up));
    v[i] = _mm512_shuffle_epi8(_mm512_xor_si512(_mm512_add_epi32(integer, carry), carry), by_digit);
  }
  const __m512i first = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
  const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(2));
  const __m512i low[2] = {_mm512_permutex2var_epi32(v[0], first, v[1]),
                          _mm512_permutex2var_epi32(v[2], first, v[3])};
  const __m512i high[2] = {_mm512_permutex2var_epi32(v[0], second, v[1]),
                           _mm512_permutex2var_epi32(v[2], second, v[3])};
  const __m512i digits[kDigits] = {
      _mm512_shuffle_i64x2(low[0], low[1], 0x44), _mm512_shuffle_i64x2(low[0], low[1], 0xEE),
      _mm512_shuffle_i64x2(high[0], high[1], 0x44), _mm512_shuffle_i64x2(high[0], high[1], 0xEE)};
  for (std::size_t d = 0; d < kDigits; ++d) {
    _mm512_store_si512(to + d * kTile, digits[d]);
    sums[d] = _mm512_dpbusd_epi32(sums[d], _mm512_set1_epi8(1), digits[d]);
  }
}

/// The sum of integers from the sums of their digits, of which two fit 32 bits.
HWY_INLINE float sum_of(const __m512i (&digit_sums)[kDigits]) {
  const __m512i low = _mm512_add_epi32(digit_sums[0], _mm512_slli_epi32(digit_sums[1], 8));
  const __m512i high = _mm512_add_epi32(digit_sums[2], _mm512_slli_epi32(digit_sums[3], 8));
  return static_cast<float>(65536.0 * _mm512_reduce_add_epi32(high) + _mm512_reduce_add_epi32(low));
}

/// Calls take(x, p) with the numbers from p on, 64 at a time, the last ones filled up with zeros.
template <class Take>
HWY_INLINE void for_each_64(const float* row, std::size_t size, Take take) {
  __m512 x[4];
  std::size_t p = 0;
  for (; p + 64 <= size; p += 64) {
    for (std::size_t i = 0; i < 4; ++i) x[i] = _mm512_loadu_ps(row + p + 16 * i);
    take(x, p);
  }
  if (p == size) return;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t first = p + 16 * i;
    x[i] = _mm512_maskz_loadu_ps(amx::first16(first < size ? size - first : 0), row + first);
  }
  take(x, p);
}

HWY_INLINE std::int32_t largest_magnitude_bits(const float* row, std::size_t size) {
  __m512i largest[4] = {};
  for_each_64(row, size, [&](const __m512(&x)[4], std::size_t) {
    for (std::size_t i = 0; i < 4; ++i) {
      largest[i] = _mm512_max_epi32(largest[i], magnitude_bits(x[i]));
    }
  });
  return _mm512_reduce_max_epi32(_mm512_max_epi32(_mm512_max_epi32(largest[0], largest[1]),
                                                  _mm512_max_epi32(largest[2], largest[3])));
}

/// By the exponent that the block has for it.
void encode_row(const float* row, std::size_t size, std::size_t r, FixedPointRows& block) {
  const __m512 exponent = _mm512_set1_ps(block.exponent[r]);
  __m512i sums[kDigits] = {};
  for_each_64(row, size, [&](const __m512(&x)[4], std::size_t p) {
    std::int8_t* to = block.digits.data() + p / kRowBytes * kDigits * kTile + r * kRowBytes;
    store_digits(x, exponent, to, sums);
  });
  block.sum[r] = sum_of(sums) + block.poison[r];
}

/// to(i, p) = from(p, i) for `cols` <= 16 columns; row i of `to` begins at i * to_stride.
void transpose_columns(const float* from, std::size_t stride, std::size_t depth, std::size_t cols,
                       float* to, std::size_t to_stride) {
  const __mmask16 mask = amx::first16(cols);
  for (std::size_t p = 0; p < depth; p += 16) {
    __m512i rows[16] = {}, columns[16];
    for (std::size_t r = 0; r < std::min<std::size_t>(16, depth - p); ++r) {
      rows[r] = _mm512_maskz_loadu_epi32(mask, from + (p + r) * stride);
    }
    amx::transpose(rows, columns);
    for (std::size_t i = 0; i < cols; ++i) _mm512_store_si512(to + i * to_stride + p, columns[i]);
  }
}

void encode_rows(const Left& a, std::size_t top, std::size_t rows, FixedPointRows& block) {
  const float* from = a.data + top * a.stride;
  std::size_t stride = a.stride;
  if (a.transposed) {
    stride = (a.depth + 15) / 16 * 16;
    transpose_columns(a.data + top, a.stride, a.depth, rows, block.columns.data(), stride);
    from = block.columns.data();
  }
  for (std::size_t r = 0; r < rows; ++r) {
    const std::int32_t largest = largest_magnitude_bits(from + r * stride, a.depth);
    const std::int32_t exponent = exponent_for(std::min(largest, kInfinityBits - 1));
    block.exponent[r] = static_cast<float>(exponent);
    block.poison[r] = largest < kInfinityBits ? 0 : std::numeric_limits<float>::quiet_NaN();
  }
  for (std::size_t r = 0; r < rows; ++r) encode_row(from + r * stride, a.depth, r, block);
}

/// The dot products of two digits of 16 rows with 32 columns of X.
void multiply_digits(const std::int8_t* digits, const std::uint8_t* columns, std::size_t depth,
                     std::size_t first_digit) {
  const std::uint8_t* other = columns + ByteMatrix::column_bytes(depth);
  digits += first_digit * kTile;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (std::size_t p = 0; p < depth; p += kRowBytes) {
    _tile_loadd(4, digits, kRowBytes);
    _tile_loadd(6, columns, kRowBytes);
    _tile_loadd(7, other, kRowBytes);
    _tile_dpbsud(0, 4, 6);
    _tile_dpbsud(1, 4, 7);
    _tile_loadd(5, digits + kTile, kRowBytes);
    _tile_dpbsud(2, 5, 6);
    _tile_dpbsud(3, 5, 7);
    digits += kDigits * kTile;
    columns += kTile;
    other += kTile;
  }
}

void store_tiles(DigitSums& sums, std::size_t first_digit) {
  _tile_stored(0, sums.of[0][first_digit], kRowBytes);
  _tile_stored(1, sums.of[1][first_digit], kRowBytes);
  _tile_stored(2, sums.of[0][first_digit + 1], kRowBytes);
  _tile_stored(3, sums.of[1][first_digit + 1], kRowBytes);
}

HWY_INLINE void put(float* to, __mmask16 mask, __m512 x, Store store) {
  if (store == Store::accumulate) x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, to));
  _mm512_mask_storeu_ps(to, mask, x);
}

/// 16 columns of the product of 16 rows.
void finish(const DigitSums& sums, std::size_t half, const FixedPointRows& a, const ByteMatrix& x,
            std::size_t left, const Result& c) {
  if (left >= c.cols) return;
  const std::size_t cols = std::min<std::size_t>(16, c.cols - left);
  const __m512 base = _mm512_set1_ps(256), base_square = _mm512_set1_ps(65536);
  const __m512 scale = _mm512_set1_ps(x.scale());
  const __mmask16 mask = amx::first16(c.transposed ? c.rows : cols);
  __m512i result[16] = {};
  for (std::size_t r = 0; r < c.rows; ++r) {
    __m512 digit[kDigits];
    for (std::size_t d = 0; d < kDigits; ++d) {
      digit[d] = _mm512_cvtepi32_ps(_mm512_load_si512(sums.of[half][d] + r * kRows));
    }
    const __m512 low = _mm512_fmadd_ps(digit[1], base, digit[0]);
    const __m512 high = _mm512_fmadd_ps(digit[3], base, digit[2]);
    const __m512 integers = _mm512_fmadd_ps(high, base_square, low);
    const __m512 scaled = _mm512_fmadd_ps(integers, scale, _mm512_set1_ps(x.shift() * a.sum[r]));
    const __m512 row = _mm512_scalef_ps(scaled, _mm512_set1_ps(a.exponent[r]));
    result[r] = _mm512_castps_si512(row);
    if (!c.transposed) put(c.data + r * c.stride + left, mask, row, c.store);
  }
  if (!c.transposed) return;
  __m512i columns[16];
  amx::transpose(result, columns);
  for (std::size_t j = 0; j < cols; ++j) {
    put(c.data + (left + j) * c.stride, mask, _mm512_castsi512_ps(columns[j]), c.store);
  }
}

/// The product of 16 rows, 32 columns at a time: while the tiles of some are multiplied, those
/// before them are put together.
void multiply_rows(const FixedPointRows& a, std::size_t depth, const ByteMatrix& x,
                   const std::uint8_t* tiles, const Result& c) {
  DigitSums sums[2];
  for (std::size_t left = 0; left < c.cols + kColumns; left += kColumns) {
    DigitSums& own = sums[left / kColumns % 2];
    const DigitSums& before = sums[(left / kColumns + 1) % 2];
    const std::uint8_t* columns = tiles + left / kRows * ByteMatrix::column_bytes(depth);
    for (std::size_t half = 0; half < 2; ++half) {
      if (left < c.cols) multiply_digits(a.digits.data(), columns, depth, 2 * half);
      if (left > 0) finish(before, half, a, x, left - kColumns + 16 * half, c);
      if (left < c.cols) store_tiles(own, 2 * half);
    }
  }
}

void multiply(const Left& a, const ByteMatrix& x, const std::uint8_t* tiles, const Result& c) {
  thread_local FixedPointRows block;
  block.reserve(a.depth);
  const amx::Tiles registers;
  for (std::size_t top = 0; top < a.rows; top += kRows) {
    const std::size_t rows = std::min(kRows, a.rows - top);
    encode_rows(a, top, rows, block);
    amx::Tiles::fence();
    multiply_rows(block, a.depth, x, tiles,
                  {c.data + top * (c.transposed ? 1 : c.stride), c.stride, rows, c.cols,
                   c.transposed, c.store});
  }
}

}  // namespace
HWY_POP_ATTRIBUTES

void matmul_by_transposed(const ByteMatrix& x, MatrixView<const float> b, MatrixView<float> c,
                          Store store) {
  check_shape("matmul_by_transposed", "B", b, c.cols, x.cols());
  check_shape("matmul_by_transposed", "C", c, x.rows(), b.rows);
  multiply({b.data, b.stride, b.rows, b.cols, false}, x, x.transposed_tiles(),
           {c.data, c.stride, b.rows, x.rows(), true, store});
}

void matmul_transposed(MatrixView<const float> a, const ByteMatrix& x, MatrixView<float> c,
                       Store store) {
  check_shape("matmul_transposed", "A", a, x.rows(), c.rows);
  check_shape("matmul_transposed", "C", c, a.cols, x.cols());
  multiply({a.data, a.stride, a.cols, a.rows, true}, x, x.tiles(),
           {c.data, c.stride, a.cols, x.cols(), false, store});
}

#else

void matmul_by_transposed(const ByteMatrix&, MatrixView<const float>, MatrixView<float>, Store) {}
void matmul_transposed(MatrixView<const float>, const ByteMatrix&, MatrixView<float>, Store) {}

#endif

}  // namespace ravine
