#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/matrix_view.hpp"
#include "ravine/random/random.hpp"

namespace ravine::testing {

/// Where a matrix lies in memory, for kernels that must not care.
struct Placement {
  std::size_t offset = 0;  ///< elements from a 64-byte boundary to the first element
  std::size_t gap = 0;     ///< elements between the end of a row and the next row
};

/// Shifts of a vector within a cache line.
inline constexpr Placement kPlacements[] = {{0, 0}, {1, 0}, {3, 0}};

/// 0, 1, 3, 7, N - 1, N, N + 1, 3 N, 8 N + 2 for vectors of N = 2, 4, 8 and 16 numbers.
inline constexpr std::size_t kAwkwardSizes[] = {0,  1,  2,  3,  5,  6,  7,  8,  9,  12, 15,
                                                16, 17, 18, 24, 31, 33, 34, 48, 63, 66, 130};

/// A matrix with guards in front of it, between its rows and behind it: not-a-numbers of a fixed
/// bit pattern, so that a kernel that reads them shows it in its result and one that writes them is
/// found out by intact().
template <class T>
class GuardedMatrix {
 public:
  GuardedMatrix(std::size_t rows, std::size_t cols, Placement placement = {})
      : rows_(rows),
        cols_(cols),
        stride_(cols + placement.gap),
        first_(kGuards + placement.offset),
        storage_(first_ + rows * stride_ + kGuards, guard()) {}

  /// Filled with N(0, 1) numbers, the same for every placement.
  static GuardedMatrix normal(std::size_t rows, std::size_t cols, std::string_view name,
                              Placement placement = {}) {
    GuardedMatrix matrix(rows, cols, placement);
    const RandomStream stream(1, name);
    for (std::size_t i = 0; i < rows; ++i) stream.fill_normal(matrix.view().row(i), i * cols);
    return matrix;
  }

  MatrixView<T> view() { return {storage_.data() + first_, rows_, cols_, stride_}; }
  MatrixView<const T> view() const { return {storage_.data() + first_, rows_, cols_, stride_}; }

  /// Whether everything outside the matrix has the bits it had at first.
  bool intact() const {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < rows_; ++i) {
      if (!are_guards(begin, first_ + i * stride_)) return false;
      begin = first_ + i * stride_ + cols_;
    }
    return are_guards(begin, storage_.size());
  }

 private:
  static constexpr std::size_t kGuards = 64;
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

  static T guard() {
    if constexpr (sizeof(T) == 4) return std::bit_cast<T>(0x7fdeadbeU);
    if constexpr (sizeof(T) == 8) return std::bit_cast<T>(std::uint64_t{0x7ff8deadbeefcafe});
  }
  bool are_guards(std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin; i < end; ++i) {
      if (std::bit_cast<Bits>(storage_[i]) != std::bit_cast<Bits>(guard())) return false;
    }
    return true;
  }

  std::size_t rows_;
  std::size_t cols_;
  std::size_t stride_;
  std::size_t first_;
  AlignedBuffer<T> storage_;
};

}  // namespace ravine::testing
