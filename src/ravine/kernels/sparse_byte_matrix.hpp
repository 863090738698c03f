#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/matrix_view.hpp"
#include "ravine/kernels/byte_matrix.hpp"
#include "ravine/kernels/matmul.hpp"

namespace ravine {

/// Whether they are quicker than products of floats for a matrix of (rows, cols) of whose bytes
/// `share` are background.
inline bool sparse_products_repay(std::size_t rows, std::size_t cols, double share) {
  return rows >= 32 && cols >= 64 && share > 0.3;
}

/// A matrix X of the numbers scale * byte + shift, many of whose bytes are one and the same: what a
/// network's first layer makes of images, most of which is background.
///
/// Products multiply the contrast, scale * (byte - background), and leave the background out; what
/// the number of the background makes of it is a multiple of the other operand's sums. Background
/// is found by blocks: four rows, or four columns, share a list of where any of them has contrast,
/// so that a tile of the product stays in registers as it does in a dense product (block compressed
/// sparse rows: Im and Yelick, "Optimizing sparse matrix computations for register reuse in
/// SPARSITY", 2001).
///
/// An element is the same chain of additions whatever the lists hold, as a contrast of 0 adds
/// nothing: it depends on its row of the other operand and its row or column of X alone.
class SparseByteMatrix {
 public:
  static constexpr std::size_t kGroup = 4;    // rows, or columns, that share a list
  static constexpr std::size_t kBlock = 128;  // columns, or rows, that a list is of

  /// Room for any matrix up to (rows, cols), for X B^T alone or A^T X too.
  void reserve(std::size_t rows, std::size_t cols, ByteMatrix::Products products,
               std::uint8_t background = 0);

  /// X(i, j) = scale * source(chosen[i], j) + shift. Rows of the source that are needed soon are
  /// fetched ahead. Within what was reserved.
  void assign(MatrixView<const std::uint8_t> source, std::span<const std::uint32_t> chosen,
              float scale, float shift);

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  /// The number of the background.
  float background() const { return number_; }
  /// What each byte has more than the background.
  const std::array<float, 256>& contrasts() const { return contrasts_; }

  /// Groups of rows; what is missing in the last one, as behind the last column, is background.
  std::size_t row_groups() const { return (rows_ + kGroup - 1) / kGroup; }
  const std::uint8_t* bytes() const { return bytes_.data(); }
  std::size_t stride() const { return 64 * words_; }

  /// Columns from block * kBlock on, counted from there, where a group of rows is not all
  /// background.
  std::span<const std::uint8_t> columns_of(std::size_t group, std::size_t block) const {
    return lists_of_columns_.list(group, block);
  }
  /// Rows from block * kBlock on, counted from there, where a group of columns is not all
  /// background.
  std::span<const std::uint8_t> rows_of(std::size_t group, std::size_t block) const {
    return lists_of_rows_.list(group, block);
  }

 private:
  /// For each group and block increasing numbers below kBlock.
  class Lists {
   public:
    void reserve(std::size_t groups, std::size_t length);
    bool empty() const { return lengths_.empty(); }
    std::span<const std::uint8_t> list(std::size_t group, std::size_t block) const {
      const std::size_t at = group * blocks_ + block;
      return {entries_.data() + at * kRoom, lengths_[at]};
    }
    /// Where to write a list, which has room for eight entries more than it may have.
    std::uint8_t* begin(std::size_t group, std::size_t block) {
      return entries_.data() + (group * blocks_ + block) * kRoom;
    }
    void set_end(std::size_t group, std::size_t block, const std::uint8_t* end) {
      lengths_[group * blocks_ + block] = static_cast<std::size_t>(end - begin(group, block));
    }

   private:
    static constexpr std::size_t kRoom = kBlock + 8;
    std::size_t blocks_ = 0;
    AlignedBuffer<std::uint8_t> entries_;
    std::vector<std::size_t> lengths_;
  };

  void list_columns();
  void list_rows();

  std::size_t rows_ = 0, cols_ = 0, words_ = 0;
  std::uint8_t background_ = 0;
  float number_ = 0;
  std::array<float, 256> contrasts_{};
  AlignedBuffer<std::uint8_t> bytes_;  // a multiple of 8 rows of stride()
  std::vector<std::uint64_t> bits_;    // words_ a row: whether a byte is not background
  Lists lists_of_columns_, lists_of_rows_;
};

/// C = X B^T, or C += X B^T. X: (m, k), B: (n, k), C: (m, n). Single-threaded. Throws ShapeError.
void matmul_by_transposed(const SparseByteMatrix& x, MatrixView<const float> b, MatrixView<float> c,
                          Store store = Store::overwrite);

/// C = A^T X, or C += A^T X. A: (k, m), X: (k, n), C: (m, n). Single-threaded. Throws ShapeError.
void matmul_transposed(MatrixView<const float> a, const SparseByteMatrix& x, MatrixView<float> c,
                       Store store = Store::overwrite);

}  // namespace ravine
