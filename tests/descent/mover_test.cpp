#include "ravine/descent/mover.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/descent/block_norms.hpp"
#include "ravine/kernels/ref/vector_ops.hpp"
#include "ravine/optimizer/adam.hpp"
#include "ravine/optimizer/gradient_descent.hpp"
#include "support/bits.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

/// Two members, of which the second may have ended.
ParameterLayout two_members() {
  ParameterLayout layout;
  layout.add("two chunks and a rest", 127, 131, 0);
  layout.add("small", 1, 3, 0);
  layout.add("of another member", 9, 7, 1);
  return layout;
}

struct Found {
  std::vector<double> parameters;
  std::vector<double> parameter_norms, update_norms, gradient_norms, gradient_products;
};

/// Where the third step from the same start leads, and what is found of it.
template <class Rule>
Found third_step(const Rule& rule, int threads, bool weighs, bool compares,
                 std::vector<std::uint8_t> active = {1, 1}, bool of_gradient = false) {
  const ParameterLayout layout = two_members();
  const std::vector<Chunk> chunks = cut_into_chunks(layout);
  ThreadTeam team(threads);
  EntrywiseMover<Rule, double> mover(rule, layout, chunks);
  UpdateNorms norms(chunks, layout.blocks().size());
  const std::vector<double> losses(2), gradient = testing::normals(layout.size(), "g"),
                                       last = testing::normals(layout.size(), "last");
  Found found{testing::normals(layout.size(), "w"), {}, {}, {}, {}};
  for (std::int64_t step = 0; step < 3; ++step) {
    const UpdateSums sums = norms.expect({of_gradient, of_gradient, weighs, compares});
    mover.move({step, 0.01, losses, active, gradient, last, found.parameters}, false, sums, team);
    norms.take();
  }
  if (of_gradient) {
    found.gradient_norms.resize(layout.blocks().size());
    norms.take_gradient(found.gradient_norms, found.gradient_products);
  }
  found.parameter_norms = norms.of_parameters();
  found.update_norms = norms.of_update();
  return found;
}

template <class Rule>
void expect_norms_of_the_update(const Rule& rule) {
  const ParameterLayout layout = two_members();
  const Found plain = third_step(rule, 1, false, false);
  EXPECT_TRUE(plain.parameter_norms.empty() && plain.update_norms.empty());
  const Found all = third_step(rule, 1, true, true);
  EXPECT_TRUE(testing::same_bits(all.parameters, plain.parameters)) << "only looks on";

  for (const bool weighs : {true, false}) {
    for (const int threads : {1, 2, 3, 8}) {
      const Found one = third_step(rule, threads, weighs, !weighs);
      EXPECT_TRUE(testing::same_bits(one.parameters, plain.parameters)) << threads;
      EXPECT_EQ(one.parameter_norms, weighs ? all.parameter_norms : std::vector<double>());
      EXPECT_EQ(one.update_norms, weighs ? std::vector<double>() : all.update_norms);
    }
  }
  for (std::size_t b = 0; b < layout.blocks().size(); ++b) {
    const ParameterBlock& block = layout.blocks()[b];
    const auto part = std::span<const double>(all.parameters).subspan(block.offset, block.size());
    const double expected = std::sqrt(ref::squared_norm(part));
    EXPECT_NEAR(all.parameter_norms[b], expected, 1e-13 * expected) << block.name;
  }
}

TEST(EntrywiseMover, FindsNormsOnTheWayWithoutChangingIt) {
  expect_norms_of_the_update(GradientDescent());
  expect_norms_of_the_update(GradientDescent{.weight_decay = 0.1});
  expect_norms_of_the_update(Adam());
}

template <class Rule>
void expect_sums_of_the_gradient(const Rule& rule) {
  const ParameterLayout layout = two_members();
  const std::vector<Chunk> chunks = cut_into_chunks(layout);
  ThreadTeam team(1);
  std::vector<double> norms(layout.blocks().size()), products;
  BlockNorms<double>(chunks).compute(testing::normals(layout.size(), "g"),
                                     testing::normals(layout.size(), "last"), team, norms,
                                     products);
  for (const bool weighs : {false, true}) {
    for (const bool compares : {false, true}) {
      const Found plain = third_step(rule, 1, weighs, compares, {1, 0});
      EXPECT_TRUE(plain.gradient_norms.empty());
      const Found found = third_step(rule, 2, weighs, compares, {1, 0}, true);
      EXPECT_TRUE(testing::same_bits(found.parameters, plain.parameters));
      EXPECT_EQ(found.parameter_norms, plain.parameter_norms);
      EXPECT_EQ(found.update_norms, plain.update_norms);
      EXPECT_EQ(found.gradient_norms, norms) << "of members that ended too";
      EXPECT_EQ(found.gradient_products, products);
    }
  }
}

TEST(EntrywiseMover, FindsNormsAndProductsOfTheGradientOnTheWayToTheBit) {
  expect_sums_of_the_gradient(GradientDescent());
  expect_sums_of_the_gradient(GradientDescent{.weight_decay = 0.1});
  expect_sums_of_the_gradient(Adam());
}

TEST(EntrywiseMover, MeasuresHowFarEachBlockMoved) {
  const ParameterLayout layout = two_members();
  const std::vector<double> gradient = testing::normals(layout.size(), "g");
  const Found found = third_step(GradientDescent(), 2, true, true);
  for (std::size_t b = 0; b < layout.blocks().size(); ++b) {
    const ParameterBlock& block = layout.blocks()[b];
    const auto part = std::span(gradient).subspan(block.offset, block.size());
    const double expected = 0.01 * std::sqrt(ref::squared_norm(part));
    EXPECT_NEAR(found.update_norms[b], expected, 1e-12 * expected) << "but for rounding";
  }
}

TEST(EntrywiseMover, WeighsMembersThatEndedButDoesNotMoveThem) {
  const Found found = third_step(GradientDescent(), 2, true, true, {1, 0});
  const ParameterBlock ended = two_members().blocks()[2];
  const std::vector<double> start = testing::normals(two_members().size(), "w");
  const auto part = [&](const std::vector<double>& w) {
    return std::span(w).subspan(ended.offset, ended.size());
  };
  EXPECT_TRUE(testing::same_bits(part(found.parameters), part(start)));
  EXPECT_EQ(found.update_norms[2], 0);
  EXPECT_NEAR(found.parameter_norms[2], std::sqrt(ref::squared_norm(part(start))), 1e-12);
  EXPECT_EQ(third_step(GradientDescent(), 2, true, false, {1, 0}).parameter_norms,
            found.parameter_norms);
}

}  // namespace
}  // namespace ravine
