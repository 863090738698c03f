#include "ravine/descent/block_norms.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/kernels/ref/vector_ops.hpp"
#include "ravine/random/random.hpp"
#include "support/bits.hpp"

namespace ravine {
namespace {

ParameterLayout layout_of_awkward_blocks() {
  ParameterLayout layout;
  layout.add("small", 1, 1);
  layout.add("two chunks and a rest", 127, 131);
  layout.add("empty", 0, 7);
  layout.add("exactly one chunk", 64, 128);
  layout.add("last", 5, 3);
  return layout;
}

TEST(CutIntoChunks, CoversEveryBlockOnceInOrder) {
  const ParameterLayout layout = layout_of_awkward_blocks();
  std::size_t next = 0;
  std::vector<std::size_t> sizes(layout.blocks().size());
  for (const Chunk& chunk : cut_into_chunks(layout)) {
    EXPECT_EQ(chunk.offset, next);
    EXPECT_GT(chunk.size, 0U);
    sizes[chunk.block] += chunk.size;
    next += chunk.size;
  }
  EXPECT_EQ(next, layout.size());
  for (std::size_t b = 0; b < sizes.size(); ++b) EXPECT_EQ(sizes[b], layout.blocks()[b].size());
}

TEST(CutIntoChunks, KeepsShortRowsWholeAndSharesThoseOfPowersOfTwoAsTheRowsAre) {
  ParameterLayout layout;
  layout.add("first layer", 128, 784);
  layout.add("row longer than a chunk", 2, 10'000);
  const std::vector<Chunk> chunks = cut_into_chunks(layout);
  std::vector<std::size_t> sizes;
  for (const Chunk& chunk : chunks) {
    EXPECT_LE(chunk.size, kLargestChunk);
    if (chunk.block == 0) {
      EXPECT_EQ(chunk.size % 784, 0U);
      sizes.push_back(chunk.size);
    }
  }
  for (const int team : {1, 2, 4, 8}) {
    for (int member = 0; member < team; ++member) {
      const IndexRange mine = split_range(sizes.size(), team, member);
      std::size_t elements = 0;
      for (std::size_t c = mine.begin; c < mine.end; ++c) elements += sizes[c];
      EXPECT_EQ(elements, 784 * split_range(128, team, member).size()) << member << " of " << team;
    }
  }
}

template <class T>
std::vector<double> norms_of(const ParameterLayout& layout, std::span<const T> flat, int threads) {
  const std::vector<Chunk> chunks = cut_into_chunks(layout);
  BlockNorms<T> block_norms(chunks);
  std::vector<double> norms(layout.blocks().size(), -1);
  ThreadTeam team(threads);
  block_norms.compute(flat, team, norms);
  return norms;
}

template <class T>
void expect_norms() {
  const ParameterLayout layout = layout_of_awkward_blocks();
  std::vector<T> flat(layout.size());
  RandomStream(1, "flat").fill_normal(flat);
  const std::vector<double> norms = norms_of<T>(layout, flat, 1);
  for (std::size_t b = 0; b < norms.size(); ++b) {
    const ParameterBlock& block = layout.blocks()[b];
    const std::span<const T> values = std::span(flat).subspan(block.offset, block.size());
    const double expected = std::sqrt(ref::squared_norm(values));
    EXPECT_NEAR(norms[b], expected, 1e-13 * expected) << block.name;
  }
  for (const int threads : {2, 3, 8}) {
    EXPECT_TRUE(testing::same_bits(norms_of<T>(layout, flat, threads), norms)) << threads;
  }
}

TEST(BlockNorms, ComeWithProductsAndKeepTheirBits) {
  const ParameterLayout layout = layout_of_awkward_blocks();
  std::vector<float> flat(layout.size()), other(layout.size());
  RandomStream(1, "flat").fill_normal(std::span(flat));
  RandomStream(1, "other").fill_normal(std::span(other));
  const std::vector<Chunk> chunks = cut_into_chunks(layout);
  const std::vector<double> alone = norms_of<float>(layout, flat, 2);
  std::vector<double> first;
  for (const int threads : {1, 2, 3, 8}) {
    ThreadTeam team(threads);
    BlockNorms<float> block_norms(chunks);
    std::vector<double> norms(layout.blocks().size()), products;
    block_norms.compute(flat, other, team, norms, products);
    EXPECT_TRUE(testing::same_bits(norms, alone));
    if (first.empty()) first = products;
    EXPECT_TRUE(testing::same_bits(products, first)) << threads;
    block_norms.compute(flat, {}, team, norms, products);
    EXPECT_TRUE(testing::same_bits(norms, alone));
    EXPECT_TRUE(products.empty());
  }
  for (std::size_t b = 0; b < first.size(); ++b) {
    const ParameterBlock& block = layout.blocks()[b];
    const auto part = [&](const std::vector<float>& x) {
      return std::span<const float>(x).subspan(block.offset, block.size());
    };
    EXPECT_NEAR(first[b], ref::dot(part(flat), part(other)),
                1e-13 * static_cast<double>(block.size()));
  }
}

TEST(BlockNorms, AreFrobeniusNormsWithTheSameBitsForAnyThreads) {
  expect_norms<float>();
  expect_norms<double>();
}

TEST(BlockNorms, NaNShowsInItsBlockOnly) {
  const ParameterLayout layout = layout_of_awkward_blocks();
  std::vector<float> flat(layout.size(), 1);
  flat[layout.blocks()[1].offset + 16'000] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<double> norms = norms_of<float>(layout, flat, 2);
  for (std::size_t b = 0; b < norms.size(); ++b) EXPECT_EQ(std::isnan(norms[b]), b == 1) << b;
}

}  // namespace
}  // namespace ravine
