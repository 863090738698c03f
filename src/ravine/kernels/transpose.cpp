#include "ravine/kernels/transpose.hpp"

#include "ravine/kernels/shape_check.hpp"

namespace ravine {

namespace {

constexpr std::size_t kTile = 16;  // 16 floats are a cache line

template <class T>
void transpose_of(MatrixView<const T> a, MatrixView<T> b) {
  check_shape("transpose", "B", b, a.cols, a.rows);
  for (std::size_t top = 0; top < a.rows; top += kTile) {
    const std::size_t bottom = std::min(a.rows, top + kTile);
    for (std::size_t left = 0; left < a.cols; left += kTile) {
      const std::size_t right = std::min(a.cols, left + kTile);
      for (std::size_t j = left; j < right; ++j) {
        for (std::size_t i = top; i < bottom; ++i) b(j, i) = a(i, j);
      }
    }
  }
}

}  // namespace

void transpose(MatrixView<const float> a, MatrixView<float> b) { transpose_of(a, b); }
void transpose(MatrixView<const double> a, MatrixView<double> b) { transpose_of(a, b); }

}  // namespace ravine
