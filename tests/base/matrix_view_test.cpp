#include "ravine/base/matrix_view.hpp"

#include <cstdint>
#include <numeric>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/aligned_buffer.hpp"

namespace ravine {
namespace {

TEST(MatrixView, RowsLieOneStrideApart) {
  std::vector<int> memory(20);
  std::iota(memory.begin(), memory.end(), 0);
  const MatrixView<int> view(memory.data() + 1, 3, 4, 6);
  EXPECT_EQ(view.size(), 12U);
  EXPECT_EQ(view(0, 0), 1);
  EXPECT_EQ(view(2, 3), 16);
  EXPECT_EQ(view.row(1).front(), 7);
  EXPECT_EQ(view.row(1).size(), 4U);
}

TEST(MatrixView, MiddleRowsKeepTheStride) {
  std::vector<int> memory(20);
  std::iota(memory.begin(), memory.end(), 0);
  const MatrixView<int> middle = MatrixView<int>(memory.data(), 3, 4, 6).middle_rows(1, 2);
  EXPECT_EQ(middle.rows, 2U);
  EXPECT_EQ(middle(1, 2), 14);
  middle(1, 2) = -1;
  EXPECT_EQ(memory[14], -1);
}

TEST(MatrixView, WithoutAStrideRowsTouch) {
  std::vector<int> memory(6);
  EXPECT_EQ(MatrixView<int>(memory.data(), 2, 3).stride, 3U);
  EXPECT_EQ(MatrixView<int>().size(), 0U);
}

// Constant views can be made from mutable ones, never the other way round.
static_assert(std::is_convertible_v<MatrixView<float>, MatrixView<const float>>);
static_assert(!std::is_convertible_v<MatrixView<const float>, MatrixView<float>>);

TEST(AlignedBuffer, BeginsOnACacheLineForEverySize) {
  for (std::size_t size = 1; size < 300; ++size) {
    const AlignedBuffer<float> buffer(size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0U) << size;
  }
}

TEST(AlignedBuffer, RefusesSizesNoMemoryHolds) {
  AlignedAllocator<double> allocator;
  EXPECT_THROW(allocator.allocate(static_cast<std::size_t>(-1) / 4), std::bad_array_new_length);
}

}  // namespace
}  // namespace ravine
