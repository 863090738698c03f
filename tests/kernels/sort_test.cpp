#include "ravine/kernels/sort.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "support/bits.hpp"
#include "support/instruction_sets.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

class SortAscending : public testing::WithInstructionSet {};

TEST_P(SortAscending, OrdersWhatStdSortOrders) {
  std::vector<std::size_t> sizes = {255, 256, 257, 1000, 5000};
  for (std::size_t size = 0; size < 140; ++size) sizes.push_back(size);
  for (const std::size_t size : sizes) {
    std::vector<double> x = testing::normals(size, "x");
    if (size > 9) {
      x[3] = x[7] = x[9];
      x[5] = 0;
      x[6] = 5e-324;
      x[8] = std::numeric_limits<double>::max();
    }
    std::vector<double> expected = x;
    std::ranges::sort(expected);
    sort_ascending(x);
    EXPECT_TRUE(testing::same_bits(x, expected)) << size;
  }
}

// By the 0-1 principle a network that sorts all zeros and ones sorts everything.
TEST_P(SortAscending, SortsEveryMixtureOfTwoNumbers) {
  for (unsigned mixture = 0; mixture < 1U << 16; ++mixture) {
    std::vector<double> x(16);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = mixture >> i & 1U;
    sort_ascending(x);
    EXPECT_TRUE(std::ranges::is_sorted(x)) << mixture;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, SortAscending,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

}  // namespace
}  // namespace ravine
