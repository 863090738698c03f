#include "ravine/kernels/sparse_byte_matrix.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/sparse_byte_matrix.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/base/chosen_rows.hpp"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Bit i says whether bytes[i] is not background. bytes: 64 * words of them.
void mark_contrast(const std::uint8_t* bytes, std::uint8_t background, std::size_t words,
                   std::uint64_t* bits) {
  for (std::size_t w = 0; w < words; ++w, bytes += 64) {
    std::uint64_t word = 0;
#if HWY_TARGET == HWY_SCALAR
    for (std::size_t i = 0; i < 64; ++i) word |= std::uint64_t{bytes[i] != background} << i;
#else
    const hn::CappedTag<std::uint8_t, 64> d;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t i = 0; i < 64; i += lanes) {
      hn::StoreMaskBits(d, hn::Ne(hn::LoadU(d, bytes + i), hn::Set(d, background)),
                        reinterpret_cast<std::uint8_t*>(&word) + i / 8);
    }
#endif
    bits[w] = word;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(mark_contrast);

static_assert(std::endian::native == std::endian::little, "bytes of a word are numbered upwards");

namespace {

/// For each byte the positions of its bits that are set, one a byte, then anything.
constexpr std::array<std::uint64_t, 256> kPositions = [] {
  std::array<std::uint64_t, 256> positions{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned count = 0;
    for (unsigned bit = 0; bit < 8; ++bit) {
      if ((byte >> bit & 1U) != 0) positions[byte] |= std::uint64_t{bit} << 8 * count++;
    }
  }
  return positions;
}();

/// How many those are: for old processors std::popcount is a call.
constexpr std::array<std::uint8_t, 256> kCounts = [] {
  std::array<std::uint8_t, 256> counts{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    counts[byte] = static_cast<std::uint8_t>(std::popcount(byte));
  }
  return counts;
}();

/// Bit i of the result says whether any of the bits 4 i to 4 i + 3 is set.
std::uint16_t any_of_four(std::uint64_t x) {
  x |= x >> 1;
  x = (x | x >> 2) & 0x1111111111111111;
  x = (x | x >> 3) & 0x0303030303030303;
  x = (x | x >> 6) & 0x000F000F000F000F;
  x = (x | x >> 12) & 0x000000FF000000FF;
  return static_cast<std::uint16_t>(x | x >> 24);
}

/// Bit j of byte i becomes bit i of byte j (Warren, "Hacker's Delight", 2nd ed., section 7-3).
std::uint64_t transpose_bits(std::uint64_t x) {
  const auto swap = [&x](std::uint64_t mask, int distance) {
    const std::uint64_t changed = (x ^ x >> distance) & mask;
    x ^= changed ^ changed << distance;
  };
  swap(0x00AA00AA00AA00AA, 7);
  swap(0x0000CCCC0000CCCC, 14);
  swap(0x00000000F0F0F0F0, 28);
  return x;
}

/// Appends base + i for every bit i that is set. Writes eight entries, whatever their number.
std::uint8_t* append(std::uint8_t* to, std::size_t base, std::uint8_t bits) {
  const std::uint64_t entries = kPositions[bits] + base * 0x0101010101010101;
  std::memcpy(to, &entries, 8);
  return to + kCounts[bits];
}

std::uint8_t byte_of(std::uint64_t word, std::size_t i) {
  return static_cast<std::uint8_t>(word >> 8 * i);
}

}  // namespace

void SparseByteMatrix::Lists::reserve(std::size_t groups, std::size_t length) {
  blocks_ = (length + kBlock - 1) / kBlock;
  lengths_.assign(groups * blocks_, 0);
  entries_.assign(groups * blocks_ * kRoom, 0);
}

void SparseByteMatrix::reserve(std::size_t rows, std::size_t cols, ByteMatrix::Products products,
                               std::uint8_t background) {
  background_ = background;
  words_ = (cols + 63) / 64;
  const std::size_t padded_rows = (rows + 7) / 8 * 8;
  bytes_.assign(padded_rows * stride(), background);
  bits_.assign(padded_rows * words_, 0);
  lists_of_columns_.reserve(padded_rows / kGroup, stride());
  if (products == ByteMatrix::Products::all) lists_of_rows_.reserve(stride() / kGroup, padded_rows);
}

void SparseByteMatrix::assign(MatrixView<const std::uint8_t> source,
                              std::span<const std::uint32_t> chosen, float scale, float shift) {
  for (int byte = 0; byte < 256; ++byte) {
    contrasts_[static_cast<std::size_t>(byte)] = scale * static_cast<float>(byte - background_);
  }
  number_ = scale * static_cast<float>(background_) + shift;
  // Behind the columns there is background.
  if (source.cols != cols_) std::ranges::fill(bytes_, background_);
  rows_ = chosen.size();
  cols_ = source.cols;
  for_each_chosen_row(source, chosen, [this](std::size_t i, std::span<const std::uint8_t> row) {
    std::uint8_t* to = bytes_.data() + i * stride();
    std::ranges::copy(row, to);
    HWY_DYNAMIC_DISPATCH(mark_contrast)(to, background_, words_, &bits_[i * words_]);
  });
  for (std::size_t i = rows_; i % 8 != 0; ++i) {
    std::fill_n(bytes_.data() + i * stride(), stride(), background_);
    std::fill_n(&bits_[i * words_], words_, 0);
  }
  list_columns();
  if (!lists_of_rows_.empty()) list_rows();
}

void SparseByteMatrix::list_columns() {
  constexpr std::size_t kWords = kBlock / 64;  // of a block
  for (std::size_t group = 0; group < row_groups(); ++group) {
    const std::uint64_t* row = &bits_[group * kGroup * words_];
    for (std::size_t first = 0; first < words_; first += kWords) {
      const std::size_t block = first / kWords;
      std::uint8_t* to = lists_of_columns_.begin(group, block);
      for (std::size_t w = first; w < std::min(first + kWords, words_); ++w) {
        const std::uint64_t any =
            row[w] | row[w + words_] | row[w + 2 * words_] | row[w + 3 * words_];
        for (std::size_t i = 0; i < 8; ++i) {
          to = append(to, 64 * (w - first) + 8 * i, byte_of(any, i));
        }
      }
      lists_of_columns_.set_end(group, block, to);
    }
  }
}

void SparseByteMatrix::list_rows() {
  constexpr std::size_t kGroups = 64 / kGroup;  // of a word's columns
  for (std::size_t first = 0; first < rows_; first += kBlock) {
    const std::size_t block = first / kBlock;
    for (std::size_t w = 0; w < words_; ++w) {
      std::uint8_t* to[kGroups];
      for (std::size_t g = 0; g < kGroups; ++g) {
        to[g] = lists_of_rows_.begin(kGroups * w + g, block);
      }
      for (std::size_t top = first; top < std::min(first + kBlock, rows_); top += 8) {
        std::uint64_t low = 0, high = 0;  // byte i: of row top + i, groups 0 to 7 and 8 to 15
        for (std::size_t i = 0; i < 8; ++i) {
          const std::uint64_t any = any_of_four(bits_[(top + i) * words_ + w]);
          low |= (any & 0xFF) << 8 * i;
          high |= any >> 8 << 8 * i;
        }
        low = transpose_bits(low);
        high = transpose_bits(high);
        for (std::size_t i = 0; i < 8; ++i) {
          to[i] = append(to[i], top - first, byte_of(low, i));
          to[8 + i] = append(to[8 + i], top - first, byte_of(high, i));
        }
      }
      for (std::size_t g = 0; g < kGroups; ++g) {
        lists_of_rows_.set_end(kGroups * w + g, block, to[g]);
      }
    }
  }
}

}  // namespace ravine
#endif
