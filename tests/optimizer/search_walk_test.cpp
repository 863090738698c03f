#include "ravine/optimizer/search_walk.hpp"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/objective/quadratic.hpp"
#include "ravine/optimizer/barzilai_borwein.hpp"
#include "ravine/optimizer/lbfgs.hpp"
#include "ravine/optimizer/line_search.hpp"
#include "support/bowls.hpp"
#include "support/descents.hpp"
#include "support/problems.hpp"
#include "support/recorder.hpp"

namespace ravine::testing {
namespace {

/// f(w) = w - log w, least at 1, NaN for w < 0.
class Barrier {
 public:
  using Scalar = double;
  Barrier() { layout_.add("w", 1, 1); }
  const ParameterLayout& layout() const { return layout_; }
  void loss_and_gradient(std::span<const double> w, const Evaluation&, std::span<double> gradient,
                         std::span<double> losses) const {
    losses[0] = w[0] - std::log(w[0]);
    gradient[0] = 1 - 1 / w[0];
  }

 private:
  ParameterLayout layout_;
};

template <class R>
class SearchingRule : public ::testing::Test {};
using Rules = ::testing::Types<LineSearch, BarzilaiBorwein, Lbfgs>;
TYPED_TEST_SUITE(SearchingRule, Rules);

TYPED_TEST(SearchingRule, GoesBackFromPointsWithoutALoss) {
  Barrier barrier;
  std::vector<double> w = {5};
  Recorder<double> recorder;
  DescentOptions options = steps_at_rate(200, 100);
  options.gradient_tolerance = 1e-9;
  const RunResult result = run(barrier, w, options, {&recorder}, TypeParam());
  EXPECT_TRUE(std::isnan(recorder.steps[1].losses[0])) << "the first step was to go too far";
  EXPECT_EQ(result.termination, Termination::converged) << result.message;
  EXPECT_NEAR(w[0], 1, 1e-8);
}

TYPED_TEST(SearchingRule, StartsAreDivergedWithoutALoss) {
  Barrier barrier;
  std::vector<double> w = {-1};
  Recorder<double> recorder;
  const RunResult result = run(barrier, w, steps_at_rate(10, 1), {&recorder}, TypeParam());
  EXPECT_EQ(result.termination, Termination::diverged);
}

TYPED_TEST(SearchingRule, LastPointIsTheBestAccepted) {
  for (std::int64_t steps = 1; steps < 40; ++steps) {
    Rosenbrock<> rosenbrock(2, 100);
    std::vector<double> w = {-1.2, 1};
    Recorder<double> recorder;
    const RunResult result = run(rosenbrock, w, steps_at_rate(steps, 1), {&recorder}, TypeParam());
    const RecordedStep<double>& last = recorder.steps.back();
    EXPECT_EQ(result.members[0].loss, last.losses[0]);
    EXPECT_EQ(w, last.parameters);
    EXPECT_LE(last.losses[0], recorder.steps.front().losses[0]) << steps << " steps";
  }
}

TYPED_TEST(SearchingRule, StallsAtAMinimumItCannotImprove) {
  Quadratic quadratic({3, 1}, {1, -2});
  std::vector<double> w = {0, 0};
  Recorder<double> recorder;
  const RunResult result = run(quadratic, w, steps_at_rate(5000, 0.1), {&recorder}, TypeParam());
  EXPECT_EQ(result.termination, Termination::stalled) << result.message;
  EXPECT_EQ(w, recorder.steps.back().parameters);
  EXPECT_NEAR(w[0], 1, 1e-7);
  EXPECT_NEAR(w[1], -2, 1e-7);
}

TYPED_TEST(SearchingRule, SharesEveryEvaluationAmongMembers) {
  Bowls bowls({1, 10, 1000});
  std::vector<double> w = {1, 1, 1};
  Recorder<double> recorder;
  DescentOptions options = steps_at_rate(500, 1);
  options.gradient_tolerance = 1e-8;
  const RunResult result = run(bowls, w, options, {&recorder}, TypeParam());
  EXPECT_EQ(result.termination, Termination::converged);
  std::int64_t most = 0;
  for (const MemberResult& member : result.members) most = std::max(most, member.steps);
  EXPECT_EQ(bowls.evaluations, most + 1);
}

/// Two members whose blocks take turns.
class Interleaved {
 public:
  using Scalar = double;
  Interleaved() {
    for (const std::size_t member : {0, 1, 0}) layout_.add("w", 1, 1, member);
  }
  const ParameterLayout& layout() const { return layout_; }
  void loss_and_gradient(std::span<const double>, const Evaluation&, std::span<double>,
                         std::span<double>) const {}

 private:
  ParameterLayout layout_;
};

TYPED_TEST(SearchingRule, RefusesMembersWhoseBlocksDoNotLieTogether) {
  Interleaved objective;
  std::vector<double> w(3);
  Recorder<double> recorder;
  EXPECT_THROW(run(objective, w, steps_at_rate(1, 1), {&recorder}, TypeParam()), ShapeError);
}

TEST(LineSearchRule, AcceptsOnlyDecrease) {
  Rosenbrock<> rosenbrock(2, 100);
  std::vector<double> w = {-1.2, 1};
  Recorder<double> recorder;
  (void)run(rosenbrock, w, steps_at_rate(300, 1), {&recorder}, LineSearch());
  double best = recorder.steps.front().losses[0];
  int better = 0;
  for (const RecordedStep<double>& step : recorder.steps) {
    better += step.losses[0] < best;
    best = std::min(best, step.losses[0]);
  }
  EXPECT_EQ(recorder.steps.back().losses[0], best);
  EXPECT_GT(better, 100);
}

TEST(LbfgsRule, SolvesAQuadraticInAboutAsManyStepsAsDimensions) {
  std::vector<double> curvature, minimiser;
  for (int i = 0; i < 10; ++i) {
    curvature.push_back(1 + i * i);
    minimiser.push_back(i - 4);
  }
  Quadratic quadratic(curvature, minimiser);
  std::vector<double> w(10);
  Recorder<double> recorder;
  DescentOptions options = steps_at_rate(60, 0.01);
  options.gradient_tolerance = 1e-8;
  const RunResult result = run(quadratic, w, options, {&recorder}, Lbfgs());
  EXPECT_EQ(result.termination, Termination::converged) << result.message;
  EXPECT_LE(result.steps, 40);
}

/// In one dimension the step of Barzilai and Borwein is Newton's of a quadratic.
TEST(BarzilaiBorweinRule, IsTheSecantMethodInOneDimension) {
  Bowls bowls({8});
  std::vector<double> w = {1};
  Recorder<double> recorder;
  (void)run(bowls, w, steps_at_rate(3, 0.01), {&recorder}, BarzilaiBorwein());
  EXPECT_DOUBLE_EQ(recorder.steps[1].parameters[0], 1 - 0.01 * 8);
  EXPECT_NEAR(recorder.steps[2].parameters[0], 0, 1e-15);
}

}  // namespace
}  // namespace ravine::testing
