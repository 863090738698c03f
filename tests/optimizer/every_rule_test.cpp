#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/small_objectives.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/objective/quadratic.hpp"
#include "ravine/optimizer/rule_catalogue.hpp"
#include "support/bits.hpp"
#include "support/problems.hpp"
#include "support/recorder.hpp"

// Every rule on every problem that knows its answer.

namespace ravine::testing {
namespace {

template <class R>
struct RuleCase {
  static constexpr StepUnit kUnit = StepUnit::curvature;
  static constexpr double kLossLeft = 1e-20;  // of the start's
  static R rule() { return {}; }
};

template <>
struct RuleCase<Adam> {
  static constexpr StepUnit kUnit = StepUnit::entry;
  static constexpr double kLossLeft = 1e-12;
  static Adam rule() { return {}; }
};

template <>
struct RuleCase<AdaGrad> {
  static constexpr StepUnit kUnit = StepUnit::entry;
  static constexpr double kLossLeft = 1e-12;
  static AdaGrad rule() { return {}; }
};

// Its steps do not shrink with the gradient: it ends in circles as wide as the learning rate.
template <>
struct RuleCase<RmsProp> {
  static constexpr StepUnit kUnit = StepUnit::entry;
  static constexpr double kLossLeft = 1e-3;
  static RmsProp rule() { return {}; }
};

template <>
struct RuleCase<ScaledGradient> {
  static constexpr StepUnit kUnit = StepUnit::none;
  static constexpr double kLossLeft = 1e-20;
  static ScaledGradient rule() { return {}; }
};

template <>
struct RuleCase<PreconditionedGradient> {
  static constexpr StepUnit kUnit = StepUnit::none;
  static constexpr double kLossLeft = 1e-20;
  static PreconditionedGradient rule() { return {}; }
};

/// What the steps for a problem are derived from.
struct Scales {
  double curvature;  // the largest one on the way
  double entry;      // of the way to the minimum
};

template <class R>
double learning_rate_for(const Scales& scales) {
  switch (RuleCase<R>::kUnit) {
    case StepUnit::curvature:
      return 0.5 / scales.curvature;
    case StepUnit::entry:
      return (std::is_same_v<R, AdaGrad> ? 0.5 : 0.01) * scales.entry;
    case StepUnit::none:
      break;
  }
  return 0.3;
}

template <class R, class O>
Recorder<double> descended(O& objective, std::vector<double>& parameters, const Scales& scales,
                           std::int64_t steps, int threads = 2) {
  Recorder<double> recorder;
  Observer<double>* const observers[] = {&recorder};
  DescentOptions options;
  options.max_steps = steps;
  options.learning_rate = learning_rate_for<R>(scales);
  options.divergence_factor = 1e3;
  ThreadTeam team(threads);
  (void)descend(objective, RuleCase<R>::rule(), std::span(parameters), options,
                std::span<Observer<double>* const>(observers), team);
  return recorder;
}

/// `rounding`: of the loss at the minimum, as a share of the start's.
template <class R>
void expect_solved(const Recorder<double>& recorder, double rounding = 0) {
  for (std::size_t k = 0; k < recorder.steps.front().losses.size(); ++k) {
    const double first = recorder.steps.front().losses[k];
    EXPECT_LE(recorder.steps.back().losses[k], std::max(RuleCase<R>::kLossLeft, rounding) * first)
        << recorder.steps.size() << " evaluations, member " << k;
  }
}

void expect_near_all(std::span<const double> got, std::span<const double> expected,
                     double tolerance) {
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], tolerance);
}

template <class R>
class EveryRule : public ::testing::Test {};

using Rules =
    ::testing::Types<GradientDescent, Momentum, AcceleratedGradient, Adam, AdaGrad, RmsProp,
                     LineSearch, BarzilaiBorwein, Lbfgs, ScaledGradient, PreconditionedGradient>;

/// Rules for any objective; the others are for a factor U alone.
template <class R>
constexpr bool kIsGeneral = RuleCase<R>::kUnit != StepUnit::none;

TYPED_TEST_SUITE(EveryRule, Rules);

TYPED_TEST(EveryRule, SolvesAQuadratic) {
  if constexpr (kIsGeneral<TypeParam>) {
    const std::vector<double> minimiser = {1, -2, 3, 0.5};
    Quadratic quadratic({4, 2, 1, 0.2}, minimiser);
    std::vector<double> w(4);
    expect_solved<TypeParam>(descended<TypeParam>(quadratic, w, {4, 2}, 4000));
    const double tolerance = std::sqrt(RuleCase<TypeParam>::kLossLeft) * 100;
    expect_near_all(w, minimiser, tolerance);
  }
}

TYPED_TEST(EveryRule, SolvesRosenbrock) {
  if constexpr (kIsGeneral<TypeParam>) {
    Rosenbrock<double> rosenbrock(3, 10);
    std::vector<double> w = {-1.2, 1, 0.5};
    expect_solved<TypeParam>(descended<TypeParam>(rosenbrock, w, {200, 1}, 40'000));
    const double tolerance = std::sqrt(RuleCase<TypeParam>::kLossLeft) * 100;
    expect_near_all(w, std::vector<double>{1, 1, 1}, tolerance);
  }
}

TYPED_TEST(EveryRule, SolvesLogisticRegression) {
  if constexpr (kIsGeneral<TypeParam>) {
    const std::vector<double> minimiser = {0.5, -1, 1.5};
    LogisticRegression regression(60, minimiser);
    std::vector<double> w = {2, 2, -2};
    expect_solved<TypeParam>(descended<TypeParam>(regression, w, {0.5, 1}, 6000), 1e-15);
    const double tolerance = std::max(std::sqrt(RuleCase<TypeParam>::kLossLeft) * 100, 1e-7);
    expect_near_all(w, minimiser, tolerance);
  }
}

TYPED_TEST(EveryRule, RecoversALowRankMatrixFromBothStarts) {
  SmallSensing problem(8, 2, 2, 120);
  double sigma = 0;
  for (const double x : problem.truth) sigma += x * x;
  sigma = std::sqrt(sigma);
  std::vector<double> u = problem.point;
  expect_solved<TypeParam>(descended<TypeParam>(problem.sensing, u, {4 * sigma, 1}, 6000));
}

TYPED_TEST(EveryRule, TakesTheSameStepsForAnyThreads) {
  SmallSensing problem(8, 2, 2, 120);
  std::vector<double> expected = problem.point;
  (void)descended<TypeParam>(problem.sensing, expected, {100, 1}, 40, 1);
  for (const int threads : {2, 3}) {
    std::vector<double> u = problem.point;
    (void)descended<TypeParam>(problem.sensing, u, {100, 1}, 40, threads);
    EXPECT_TRUE(same_bits(u, expected)) << threads << " threads";
  }
}

/// A member's points do not depend on who else descends.
TYPED_TEST(EveryRule, MovesEachMemberAsIfItWereAlone) {
  SmallSensing both(8, 2, 2, 120, {"a", "b"});
  SmallSensing alone(8, 2, 2, 120, {"b"});
  std::vector<double> u = both.point;
  (void)descended<TypeParam>(both.sensing, u, {100, 1}, 40);
  std::vector<double> b(both.point.begin() + 16, both.point.end());
  (void)descended<TypeParam>(alone.sensing, b, {100, 1}, 40);
  expect_all_near(std::span(u).subspan(16), b, 1e-9);
}

}  // namespace
}  // namespace ravine::testing
