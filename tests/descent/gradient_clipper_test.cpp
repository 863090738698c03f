#include "ravine/descent/gradient_clipper.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/descent/descend.hpp"
#include "ravine/optimizer/gradient_descent.hpp"
#include "support/bits.hpp"
#include "support/bowls.hpp"
#include "support/recorder.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::Bowls;
using testing::normals;
using testing::Recorder;
using testing::same_bits;

/// Two members, the first of two blocks, one of them longer than a chunk.
ParameterLayout two_members() {
  ParameterLayout layout;
  layout.add("a", 70, 80);
  layout.add("b", 1, 3);
  layout.add("c", 5, 1, 1);
  return layout;
}

struct Clipped {
  std::vector<double> gradient;
  std::vector<double> norms, norms_before;
};

Clipped clip(const Clipping& clipping, const ParameterLayout& layout, std::vector<double> gradient,
             int threads = 2) {
  const std::vector<Chunk> chunks = cut_into_chunks(layout);
  ThreadTeam team(threads);
  std::vector<double> norms(layout.blocks().size());
  BlockNorms<double>(chunks).compute(gradient, team, norms);
  GradientClipper<double> clipper(clipping, layout, chunks);
  clipper.clip(norms, gradient, team);
  std::vector<double> after(norms.size());
  BlockNorms<double>(chunks).compute(gradient, team, after);
  return {gradient, after, norms};
}

TEST(GradientClipper, ScalesEachMembersWholeGradientToTheNorm) {
  const ParameterLayout layout = two_members();
  std::vector<double> gradient = normals(layout.size(), "gradient");
  for (std::size_t i = layout.blocks()[2].offset; i < gradient.size(); ++i) gradient[i] *= 1e-3;
  const Clipped result = clip({.norm = 3}, layout, gradient);
  EXPECT_NEAR(std::hypot(result.norms[0], result.norms[1]), 3, 1e-6);
  const double ratio = result.gradient[0] / gradient[0];
  EXPECT_NEAR(ratio, 3 / (std::hypot(result.norms_before[0], result.norms_before[1]) + 1e-6),
              1e-15);
  for (std::size_t i = 0; i < layout.blocks()[2].offset; ++i) {
    ASSERT_DOUBLE_EQ(result.gradient[i], ratio * gradient[i]) << "the direction stays";
  }
  EXPECT_EQ(result.norms[2], result.norms_before[2]) << "the second member is within the bound";
  EXPECT_EQ(result.gradient.back(), gradient.back());
}

TEST(GradientClipper, ClampsEveryEntry) {
  const ParameterLayout layout = two_members();
  const std::vector<double> gradient = normals(layout.size(), "gradient");
  const Clipped result = clip({.value = 0.5}, layout, gradient);
  double square = 0;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const double expected = std::copysign(std::min(std::abs(gradient[i]), 0.5), gradient[i]);
    ASSERT_EQ(result.gradient[i], expected);
    if (i < layout.blocks()[0].size()) square += expected * expected;
  }
  EXPECT_NEAR(result.norms[0], std::sqrt(square), 1e-12);
  EXPECT_LT(result.norms[0], result.norms_before[0]);
}

TEST(GradientClipper, LeavesAllAsItIsWhenOff) {
  const ParameterLayout layout = two_members();
  const std::vector<double> gradient = normals(layout.size(), "gradient");
  const Clipped result = clip({}, layout, gradient);
  EXPECT_TRUE(same_bits(result.gradient, gradient));
  EXPECT_EQ(result.norms, result.norms_before);
}

TEST(GradientClipper, DoesNotHideWhatIsNotFinite) {
  const ParameterLayout layout = two_members();
  std::vector<double> gradient = normals(layout.size(), "gradient");
  gradient[7] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(clip({.value = 1}, layout, gradient).norms[0]));
  EXPECT_TRUE(std::isnan(clip({.norm = 1}, layout, gradient).norms[0]));
}

TEST(GradientClipper, GivesTheSameBitsForAnyThreads) {
  const ParameterLayout layout = two_members();
  const std::vector<double> gradient = normals(layout.size(), "gradient");
  for (const Clipping& clipping : {Clipping{.norm = 2}, Clipping{.value = 0.1}}) {
    const Clipped alone = clip(clipping, layout, gradient, 1);
    for (const int threads : {2, 3, 8}) {
      const Clipped result = clip(clipping, layout, gradient, threads);
      EXPECT_TRUE(same_bits(result.gradient, alone.gradient)) << threads;
      EXPECT_EQ(result.norms, alone.norms) << threads;
    }
  }
}

TEST(Descend, ShowsNormsBeforeAndAfterClippingAndFollowsTheSchedule) {
  Bowls bowls({1});
  std::vector<double> w = {8};
  Recorder<double> recorder;
  Observer<double>* const observers[] = {&recorder};
  DescentOptions options;
  options.max_steps = 3;
  options.learning_rate = 1;
  options.clipping.norm = 2;
  options.schedule = {.kind = Schedule::step, .warm_up = 1, .period = 1, .drop_factor = 0.25};
  ThreadTeam team(1);
  std::vector<double> clipped;
  recorder.when_step = [&](const StepEvent<double>& event, StopRequests&) {
    clipped.push_back(event.clipped_norms[0]);
  };
  (void)descend(bowls, GradientDescent(), std::span(w), options,
                std::span<Observer<double>* const>(observers), team);
  ASSERT_EQ(recorder.steps.size(), 4U);
  const double rates[] = {0.5, 1, 0.25, 0.0625};
  double expected = 8;
  for (std::size_t t = 0; t < 4; ++t) {
    EXPECT_EQ(recorder.steps[t].learning_rate, rates[t]);
    EXPECT_NEAR(recorder.steps[t].gradient_norms[0], expected, 1e-5);
    EXPECT_NEAR(clipped[t], 2, 1e-5);
    expected -= rates[t] * 2;
  }
}

}  // namespace
}  // namespace ravine
