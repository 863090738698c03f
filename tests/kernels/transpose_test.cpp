#include "ravine/kernels/transpose.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"
#include "support/guarded_matrix.hpp"

namespace ravine {
namespace {

using testing::GuardedMatrix;

template <class T>
void expect_transposed(std::size_t rows, std::size_t cols) {
  const auto a = GuardedMatrix<T>::normal(rows, cols, "A", {1, 2});
  GuardedMatrix<T> b(cols, rows, {3, 1});
  transpose(a.view(), b.view());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < cols; ++j) ASSERT_EQ(b.view()(j, i), a.view()(i, j));
  }
  ASSERT_TRUE(b.intact());
}

TEST(Transpose, MovesEveryElementForAllSizes) {
  for (const std::size_t rows : {0, 1, 3, 7, 15, 16, 17, 48, 130}) {
    for (const std::size_t cols : {0, 1, 3, 7, 15, 16, 17, 48, 130}) {
      expect_transposed<float>(rows, cols);
      expect_transposed<double>(rows, cols);
    }
  }
}

TEST(Transpose, RefusesAResultOfTheWrongShape) {
  std::vector<float> memory(6);
  EXPECT_EQ(testing::error_of<ShapeError>([&] {
              transpose(MatrixView<const float>(memory.data(), 2, 3),
                        MatrixView<float>(memory.data(), 2, 3));
            }),
            "[transpose] B: expected 3 x 2, got 2 x 3");
}

}  // namespace
}  // namespace ravine
