#pragma once

#include <cstdint>
#include <span>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/matrix_view.hpp"
#include "ravine/kernels/matmul.hpp"

namespace ravine {

/// Whether the processor has instructions that multiply matrices of bytes (Intel's AMX) and the
/// system lets the program use them. Only then may a ByteMatrix be multiplied.
bool has_byte_products();

/// Rows and columns up to which no sum of a byte product can overflow: 128 * 257 of them, as of two
/// digits of an integer, stay below 2^31.
inline constexpr std::size_t kMaxByteDepth = 65280;

/// Whether they can be had and are quicker than products of floats for a matrix of (rows, cols),
/// which takes enough of them to repay that the other operand is turned into fixed point.
inline bool byte_products_repay(std::size_t rows, std::size_t cols) {
  return rows >= 32 && cols >= 64 && rows <= kMaxByteDepth && cols <= kMaxByteDepth &&
         has_byte_products();
}

/// A matrix X of the numbers scale * byte + shift, kept as bytes in the order in which matrix
/// instructions read them: what a network's first layer makes of images.
///
/// A product takes the other operand, floats, in fixed point: each of its rows (of A^T, of B) as
/// 31-bit integers times a power of two, rounded at 2^-31 of the power of two above the row's
/// largest magnitude. Integers are multiplied as four digits to base 256 and added exactly, so an
/// element depends on its row of the other operand and its row or column of X alone, and errs less
/// than a sum in float (Ootomo, Ozaki and Yokota, "DGEMM on integer matrix multiplication unit",
/// 2024, do the same to both operands). A row that holds an infinity or NaN gives NaN.
class ByteMatrix {
 public:
  enum class Products { by_transposed, all };

  /// Room for any matrix up to (rows, cols), for X B^T alone or A^T X too. Throws ConfigError where
  /// there are no byte products.
  void reserve(std::size_t rows, std::size_t cols, Products products);

  /// X(i, j) = scale * source(chosen[i], j) + shift. Rows of the source that are needed soon are
  /// fetched ahead. Within what was reserved.
  void assign(MatrixView<const std::uint8_t> source, std::span<const std::uint32_t> chosen,
              float scale, float shift);

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  float scale() const { return scale_; }
  float shift() const { return shift_; }

  /// Elements (p, j) of X^T, or of X, as tiles of 64 p by 16 j, one j after the other for every
  /// four p; the tiles of the same 16 j lie one after the other.
  const std::uint8_t* transposed_tiles() const { return transposed_.data(); }
  const std::uint8_t* tiles() const { return plain_.data(); }

  static constexpr std::size_t tiles_along(std::size_t depth) { return (depth + 63) / 64; }
  /// Size of the tiles of 16 columns.
  static constexpr std::size_t column_bytes(std::size_t depth) { return tiles_along(depth) * 1024; }

 private:
  std::size_t rows_ = 0, cols_ = 0;
  float scale_ = 1, shift_ = 0;
  AlignedBuffer<std::uint8_t> transposed_, plain_;
};

/// C = X B^T, or C += X B^T. X: (m, k), B: (n, k), C: (m, n). Single-threaded. Throws ShapeError.
void matmul_by_transposed(const ByteMatrix& x, MatrixView<const float> b, MatrixView<float> c,
                          Store store = Store::overwrite);

/// C = A^T X, or C += A^T X. A: (k, m), X: (k, n), C: (m, n). Single-threaded. Throws ShapeError.
void matmul_transposed(MatrixView<const float> a, const ByteMatrix& x, MatrixView<float> c,
                       Store store = Store::overwrite);

}  // namespace ravine
