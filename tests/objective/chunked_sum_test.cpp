#include "ravine/objective/chunked_sum.hpp"

#include <gtest/gtest.h>

#include "support/bits.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using namespace ravine::testing;

/// The sum of the rows first .. first + width - 1 of (any number, size) numbers, by a binary tree.
std::vector<double> tree_sum(const std::vector<double>& rows, std::size_t size, std::size_t first,
                             std::size_t width) {
  const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(first * size);
  if (width == 1) return {begin, begin + static_cast<std::ptrdiff_t>(size)};
  std::vector<double> sum = tree_sum(rows, size, first, width / 2);
  const std::vector<double> right = tree_sum(rows, size, first + width / 2, width / 2);
  for (std::size_t j = 0; j < size; ++j) sum[j] += right[j];
  return sum;
}

TEST(ChunkedSum, IsThatOfABinaryTreeForAnyThreads) {
  for (const std::size_t chunks : {1, 2, 8, 16}) {
    for (const std::size_t size : {1, 64, 65, 1500, 4000}) {
      const std::vector<double> rows = normals(chunks * size, "rows");
      const std::vector<double> expected = tree_sum(rows, size, 0, chunks);
      for (const int threads : {1, 2, 3, 5, 6, 7, 8, 12, 16, 17}) {
        ThreadTeam team(threads);
        ChunkedSum sum(chunks);
        std::vector<double> total(size);
        for (int repetition = 0; repetition < 2; ++repetition) {
          sum.resize(size);
          team.run([&](int member) {
            sum.add_chunks(member, team, [&](std::size_t chunk, std::span<double> part) {
              for (std::size_t j = 0; j < size; ++j) part[j] += rows[chunk * size + j];
            });
            team.barrier();
            sum.add_up(member, team, total);
          });
          EXPECT_TRUE(same_bits(total, expected))
              << chunks << " chunks, " << size << " numbers, " << threads << " threads";
        }
      }
    }
  }
}

}  // namespace
}  // namespace ravine
