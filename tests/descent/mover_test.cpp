#include "ravine/descent/mover.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

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
  std::vector<double> parameter_norms, update_norms;
};

/// Where the third step from the same start leads, and what is found of it.
template <class Rule>
Found third_step(const Rule& rule, int threads, bool weighs, bool compares,
                 std::vector<std::uint8_t> active = {1, 1}) {
  const ParameterLayout layout = two_members();
  const std::vector<Chunk> chunks = cut_into_chunks(layout);
  ThreadTeam team(threads);
  EntrywiseMover<Rule, double> mover(rule, layout, chunks);
  UpdateNorms norms(chunks, layout.blocks().size());
  const std::vector<double> losses(2), gradient = testing::normals(layout.size(), "g");
  Found found{testing::normals(layout.size(), "w"), {}, {}};
  for (std::int64_t step = 0; step < 3; ++step) {
    const UpdateSums sums = norms.expect(weighs, compares);
    mover.move({step, 0.01, losses, active, gradient, found.parameters}, false, sums, team);
    norms.take();
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
