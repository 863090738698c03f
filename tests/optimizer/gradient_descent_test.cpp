#include "ravine/optimizer/gradient_descent.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/optimizer/step_rule.hpp"
#include "ravine/random/random.hpp"
#include "support/bits.hpp"

namespace ravine {
namespace {

static_assert(StepRule<GradientDescent, float> && StepRule<GradientDescent, double>);

TEST(GradientDescent, SubtractsTheScaledGradient) {
  std::vector<double> w = {1, -2, 0.5}, state;
  GradientDescent().update<double>(w, std::vector<double>{4, 8, -2}, state, 0.25, 0);
  EXPECT_EQ(w, (std::vector<double>{0, -4, 1}));
}

TEST(GradientDescent, KeepsNoState) { EXPECT_EQ(GradientDescent().state_per_parameter(), 0U); }

TEST(GradientDescent, MovesPiecesAsItMovesTheWhole) {
  std::vector<float> whole(1000), gradient(whole.size());
  RandomStream(1, "w").fill_normal(whole);
  RandomStream(1, "g").fill_normal(gradient);
  std::vector<float> pieces = whole;
  const GradientDescent rule;
  rule.update<float>(whole, gradient, {}, 0.01, 0);
  for (std::size_t first = 0; first < pieces.size(); first += 7) {
    const std::size_t size = std::min<std::size_t>(7, pieces.size() - first);
    rule.update<float>(std::span(pieces).subspan(first, size),
                       std::span(gradient).subspan(first, size), {}, 0.01, 0);
  }
  EXPECT_TRUE(testing::same_bits(pieces, whole));
}

}  // namespace
}  // namespace ravine
