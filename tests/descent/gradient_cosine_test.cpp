#include "ravine/descent/gradient_cosine.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/descent/block_norms.hpp"
#include "ravine/kernels/ref/vector_ops.hpp"
#include "ravine/random/random.hpp"
#include "support/bits.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

ParameterLayout awkward_layout() {
  ParameterLayout layout;
  layout.add("two chunks and a rest", 127, 131);
  layout.add("small", 1, 3);
  return layout;
}

/// What gradients in a row give, the last step's cosines.
std::vector<double> last_cosines(const std::vector<std::vector<double>>& gradients, int threads) {
  const ParameterLayout layout = awkward_layout();
  const std::vector<Chunk> chunks = cut_into_chunks(layout);
  BlockNorms<double> block_norms(chunks);
  GradientCosine cosine;
  std::vector<double> cosines(3, -5), norms(2), products;
  ThreadTeam team(threads);
  std::span<const double> last;
  for (const std::vector<double>& gradient : gradients) {
    block_norms.compute(gradient, last, team, norms, products);
    cosine.compute(norms, products, cosines);
    last = gradient;
  }
  return cosines;
}

std::vector<double> expected_cosines(std::span<const double> x, std::span<const double> y) {
  std::vector<double> cosines;
  const auto add = [&](std::size_t offset, std::size_t size) {
    const auto a = x.subspan(offset, size), b = y.subspan(offset, size);
    cosines.push_back(ref::dot(a, b) / std::sqrt(ref::squared_norm(a) * ref::squared_norm(b)));
  };
  const ParameterLayout layout = awkward_layout();
  for (const ParameterBlock& block : layout.blocks()) add(block.offset, block.size());
  add(0, layout.size());
  return cosines;
}

TEST(GradientCosine, ComparesEachGradientWithTheOneBefore) {
  const std::size_t size = awkward_layout().size();
  const std::vector<std::vector<double>> gradients = {testing::normals(size, "first"),
                                                      testing::normals(size, "second"),
                                                      testing::normals(size, "third")};
  const std::vector<double> cosines = last_cosines(gradients, 1);
  testing::expect_all_near(cosines, expected_cosines(gradients[2], gradients[1]), 1e-13);
  for (const int threads : {2, 3, 8}) {
    EXPECT_TRUE(testing::same_bits(last_cosines(gradients, threads), cosines)) << threads;
  }
}

TEST(GradientCosine, IsOneStraightOnMinusOneBackAndUnknownAtFirstOrForZero) {
  const std::vector<double> g = testing::normals(awkward_layout().size(), "g");
  std::vector<double> back = g;
  for (double& x : back) x *= -2;
  for (const double c : last_cosines({g, g}, 2)) EXPECT_NEAR(c, 1, 1e-13);
  for (const double c : last_cosines({g, back}, 2)) EXPECT_NEAR(c, -1, 1e-13);
  for (const double c : last_cosines({g}, 2)) EXPECT_TRUE(std::isnan(c));
  for (const double c : last_cosines({g, std::vector<double>(g.size())}, 2)) {
    EXPECT_TRUE(std::isnan(c));
  }
}

TEST(GradientCosine, NeedsNoMoreThanTheNormsOfTheStepBefore) {
  GradientCosine cosine;
  std::vector<double> cosines(3, -5);
  cosine.compute(std::vector<double>{2, 3}, {}, cosines);
  cosine.compute(std::vector<double>{1, 4}, std::vector<double>{1, -6}, cosines);
  EXPECT_EQ(cosines[0], 0.5);
  EXPECT_EQ(cosines[1], -0.5);
  EXPECT_DOUBLE_EQ(cosines[2], -5 / (std::sqrt(13.0) * std::sqrt(17.0)));
}

}  // namespace
}  // namespace ravine
