#include "ravine/kernels/sort.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "support/bits.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

TEST(SortAscending, OrdersWhatStdSortOrders) {
  for (const std::size_t size : {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 66, 128, 129, 1000, 5000}) {
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

}  // namespace
}  // namespace ravine
