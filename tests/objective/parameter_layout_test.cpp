#include "ravine/objective/parameter_layout.hpp"

#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace ravine {
namespace {

TEST(ParameterLayout, LaysBlocksOneAfterTheOther) {
  ParameterLayout layout;
  layout.add("first", 2, 3);
  layout.add("empty", 0, 5);
  layout.add("second", 4, 1);
  ASSERT_EQ(layout.blocks().size(), 3U);
  EXPECT_EQ(layout.size(), 10U);
  EXPECT_EQ(layout.blocks()[0].offset, 0U);
  EXPECT_EQ(layout.blocks()[1].size(), 0U);
  EXPECT_EQ(layout.blocks()[2].name, "second");
  EXPECT_EQ(layout.blocks()[2].offset, 6U);
}

TEST(ParameterLayout, ViewsBlocksRowMajor) {
  ParameterLayout layout;
  layout.add("first", 2, 3);
  layout.add("second", 2, 2);
  std::vector<int> flat(10);
  std::iota(flat.begin(), flat.end(), 0);
  const MatrixView<int> second = layout.view(std::span(flat), 1);
  EXPECT_EQ(second.rows, 2U);
  EXPECT_EQ(second.cols, 2U);
  EXPECT_EQ(second(0, 0), 6);
  EXPECT_EQ(second(1, 0), 8);
  second(1, 1) = -1;
  EXPECT_EQ(flat[9], -1);
}

TEST(ParameterLayout, CountsMembersByTheirHighestNumber) {
  ParameterLayout layout;
  EXPECT_EQ(layout.members(), 0U);
  layout.add("U.a", 1, 1, 0);
  EXPECT_EQ(layout.members(), 1U);
  layout.add("U.b", 1, 1, 1);
  layout.add("V.b", 1, 1, 1);
  EXPECT_EQ(layout.members(), 2U);
  EXPECT_EQ(layout.blocks()[2].member, 1U);
}

}  // namespace
}  // namespace ravine
