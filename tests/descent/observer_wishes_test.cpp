#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/descent/descend.hpp"
#include "ravine/objective/quadratic.hpp"
#include "ravine/optimizer/adam.hpp"
#include "ravine/optimizer/gradient_descent.hpp"
#include "ravine/optimizer/lbfgs.hpp"
#include "ravine/optimizer/momentum.hpp"
#include "support/bits.hpp"
#include "support/bowls.hpp"
#include "support/descents.hpp"
#include "support/recorder.hpp"
#include "support/vectors.hpp"

// What observers ask of a descent, they get, and but for the last two cases it changes nothing
// else.

namespace ravine {
namespace {

using testing::Bowls;
using testing::RecordedStep;
using testing::Recorder;
using testing::run;
using testing::same_bits;
using testing::steps_at_rate;

/// What one who asks for nothing sees of six steps beside another observer. A bound clips entries.
template <class Rule = GradientDescent>
std::vector<RecordedStep<double>> seen_beside(Recorder<double>& other, double bound,
                                              const Rule& rule = {}) {
  Quadratic quadratic({3, 1}, {1, -2});
  std::vector<double> w = {4, 4};
  Recorder<double> one;
  DescentOptions options = steps_at_rate(5, 0.1);
  options.clipping.value = bound;
  (void)run(quadratic, w, options, {&one, &other}, rule);
  return std::move(one.steps);
}

TEST(ObserverWishes, ComparesSuccessiveGradientsAtStepsWhereAnyObserverWantsIt) {
  for (const double bound : {0.0, 2.5}) {  // some entries are clipped, and not the products' alone
    for (const bool compares : {false, true}) {
      Recorder<double> other;
      other.compares = compares;
      other.compares_not_at = 3;
      const std::vector<RecordedStep<double>> steps = seen_beside(other, bound);
      for (std::size_t t = 0; t < steps.size(); ++t) {
        std::vector<double> products;
        if (compares && t != 0 && t != 3) {
          products = {dot(std::span<const double>(steps[t].gradient),
                          std::span<const double>(steps[t - 1].gradient))};
        }
        EXPECT_EQ(steps[t].gradient_products, products) << t;
      }
    }
  }
}

template <class Rule>
void expect_norms_where_wanted(const Rule& rule, double bound) {
  SCOPED_TRACE(rule.name());
  for (const bool weighs : {false, true}) {
    Recorder<double> other;
    other.weighs = weighs;
    other.weighs_not_at = 3;
    const std::vector<RecordedStep<double>> steps = seen_beside(other, bound, rule);
    for (std::size_t t = 0; t < steps.size(); ++t) {
      const RecordedStep<double>& step = steps[t];
      const bool wanted = weighs && t != 3;
      ASSERT_EQ(step.parameter_norms.size(), wanted ? 1 : 0) << t;
      ASSERT_EQ(step.update_norms.size(), wanted && t > 0 ? 1 : 0) << t;
      if (wanted) {
        EXPECT_EQ(step.parameter_norms[0], norm(step.parameters));
      }
      if (step.update_norms.empty()) continue;
      const double length = std::sqrt(
          squared_distance(std::span<const double>(step.parameters), steps[t - 1].parameters));
      EXPECT_NEAR(step.update_norms[0], length, 1e-15 * norm(step.parameters)) << t;
    }
  }
}

TEST(ObserverWishes, ReportsNormsOfParametersAndUpdatesWhereAnyObserverWantsThem) {
  for (const double bound : {0.0, 2.5}) {
    expect_norms_where_wanted(GradientDescent(), bound);
    expect_norms_where_wanted(GradientDescent{.weight_decay = 0.1}, bound);
    expect_norms_where_wanted(Adam(), bound);
  }
}

TEST(ObserverWishes, AMemberThatEndedMovesNoMore) {
  Bowls bowls({1, 2});
  std::vector<double> w = {1, 1};
  Recorder<double> recorder;
  recorder.weighs = true;
  recorder.when_step = [](const StepEvent<double>& event, StopRequests& requests) {
    if (event.step == 2) requests.stop_member(0, Termination::stopped, "enough");
  };
  (void)run(bowls, w, steps_at_rate(4, 0.25), {&recorder});
  ASSERT_EQ(recorder.steps.size(), 5U);
  for (std::size_t t = 1; t < recorder.steps.size(); ++t) {
    const RecordedStep<double>&now = recorder.steps[t], &before = recorder.steps[t - 1];
    for (std::size_t k = 0; k < 2; ++k) {
      EXPECT_NEAR(now.update_norms[k], std::abs(now.parameters[k] - before.parameters[k]), 1e-15);
    }
  }
  EXPECT_EQ(recorder.steps[3].update_norms[0], 0);
  EXPECT_GT(recorder.steps[3].update_norms[1], 0);
}

TEST(ObserverWishes, WeighsParametersButMeasuresNoUpdateUnderRulesThatMoveMembersWhole) {
  Quadratic quadratic({3, 1}, {1, -2});
  std::vector<double> w = {4, 4};
  Recorder<double> recorder;
  recorder.weighs = true;
  (void)run(quadratic, w, steps_at_rate(4, 0.1), {&recorder}, Lbfgs());
  for (const RecordedStep<double>& step : recorder.steps) {
    EXPECT_EQ(step.parameter_norms, std::vector<double>{norm(step.parameters)});
    EXPECT_TRUE(step.update_norms.empty());
  }
}

/// A run watched by one observer who looks before the update, or does not.
struct Watched {
  RunResult result;
  std::vector<double> parameters;
  std::vector<RecordedStep<double>> steps;
};

template <class O, class Rule = GradientDescent>
Watched watched(O objective, std::vector<double> start, const DescentOptions& options, bool looks,
                const Rule& rule = {}) {
  Recorder<double> recorder;
  recorder.looks = looks;
  recorder.compares = recorder.weighs = true;
  recorder.weighs_not_at = 3;
  Watched found{{}, std::move(start), {}};
  found.result = run(objective, found.parameters, options, {&recorder}, rule);
  found.steps = std::move(recorder.steps);
  return found;
}

/// But for the parameters, which only the first has seen.
void expect_same_but_for_the_look(const Watched& seen, const Watched& unseen) {
  EXPECT_TRUE(same_bits(seen.parameters, unseen.parameters));
  ASSERT_EQ(seen.result.members.size(), unseen.result.members.size());
  for (std::size_t k = 0; k < seen.result.members.size(); ++k) {
    const MemberResult &one = seen.result.members[k], &other = unseen.result.members[k];
    EXPECT_EQ(one.termination, other.termination);
    EXPECT_EQ(one.message, other.message);
    EXPECT_EQ(one.steps, other.steps);
    EXPECT_TRUE(same_bits(std::vector{one.loss, one.gradient_norm},
                          std::vector{other.loss, other.gradient_norm}));
  }
  ASSERT_EQ(seen.steps.size(), unseen.steps.size());
  for (std::size_t t = 0; t < seen.steps.size(); ++t) {
    SCOPED_TRACE(t);
    const RecordedStep<double>&one = seen.steps[t], &other = unseen.steps[t];
    EXPECT_TRUE(same_bits(one.losses, other.losses));
    EXPECT_TRUE(same_bits(one.gradient, other.gradient));
    EXPECT_TRUE(same_bits(one.gradient_norms, other.gradient_norms));
    EXPECT_TRUE(same_bits(one.gradient_products, other.gradient_products));
    EXPECT_TRUE(same_bits(one.parameter_norms, other.parameter_norms));
    EXPECT_TRUE(same_bits(one.update_norms, other.update_norms));
    EXPECT_EQ(one.active, other.active);
  }
}

template <class Rule>
void expect_the_look_to_change_nothing(const Rule& rule) {
  SCOPED_TRACE(rule.name());
  const std::size_t size = 3 * kLargestChunk + 17;
  std::vector<double> curvature = testing::normals(size, "curvature");
  for (double& h : curvature) h = std::abs(h);
  const Quadratic quadratic(curvature, testing::normals(size, "minimiser"));
  const std::vector<double> start = testing::normals(size, "start");
  const DescentOptions options = steps_at_rate(6, 0.1);
  const Watched seen = watched(quadratic, start, options, true, rule);
  const Watched unseen = watched(quadratic, start, options, false, rule);
  expect_same_but_for_the_look(seen, unseen);
  for (const RecordedStep<double>& step : unseen.steps) {
    const bool is_seen = step.step == 0 || step.step == options.max_steps;
    EXPECT_EQ(step.parameters.size(), is_seen ? size : 0);
  }
}

TEST(ObserverWishes, WithoutALookBeforeTheUpdateOnePassFindsTheSameBits) {
  expect_the_look_to_change_nothing(GradientDescent());
  expect_the_look_to_change_nothing(GradientDescent{.weight_decay = 0.1});
  expect_the_look_to_change_nothing(Momentum());
  expect_the_look_to_change_nothing(Adam());
}

TEST(ObserverWishes, AnyObserverMayLookAtSomeSteps) {
  Bowls bowls({1});
  std::vector<double> w = {1};
  Recorder<double> one, other;
  one.looks = false;
  other.looks_not_at = 2;
  (void)run(bowls, w, steps_at_rate(4, 0.5), {&one, &other});
  ASSERT_EQ(other.steps.size(), 5U);
  for (std::size_t t = 0; t < 5; ++t) {
    EXPECT_EQ(other.steps[t].parameters.size(), t == 2 ? 0 : 1) << t;
    EXPECT_EQ(other.steps[t].gradient_norms[0], std::pow(0.5, t));
  }
  EXPECT_EQ(w[0], std::pow(0.5, 4));
}

TEST(ObserverWishes, AMemberThatItsLossEndsStaysWhereItEndedThoughNobodyLooks) {
  DescentOptions options = steps_at_rate(30, 1);
  options.divergence_factor = 100;
  for (const double factor : {100.0, 0.0}) {  // 0: until the loss is infinite
    options.divergence_factor = factor;
    const Bowls bowls({-1e30, 0.5, 0.01});
    const std::vector<double> start = {1, 1, 1};
    const Watched seen = watched(bowls, start, options, true);
    EXPECT_EQ(seen.result.members[0].termination, Termination::diverged);
    EXPECT_TRUE(std::isfinite(seen.parameters[0]));
    expect_same_but_for_the_look(seen, watched(bowls, start, options, false));
  }
}

TEST(ObserverWishes, AMemberThatConvergesOrIsClippedIsLookedAtByTheLoop) {
  DescentOptions options = steps_at_rate(30, 1);
  options.gradient_tolerance = 0.01;
  const Bowls bowls({0.5, 0.9});
  expect_same_but_for_the_look(watched(bowls, {1, 1}, options, true),
                               watched(bowls, {1, 1}, options, false));
  options.gradient_tolerance = 0;
  options.clipping.value = 0.1;
  expect_same_but_for_the_look(watched(bowls, {1, 1}, options, true),
                               watched(bowls, {1, 1}, options, false));
}

/// A loss of 1 with slope 1, until at step 2 the gradient breaks.
class BreakingGradient {
 public:
  using Scalar = double;

  explicit BreakingGradient(double loss_then) : loss_then_(loss_then) { layout_.add("w", 1, 1, 0); }
  const ParameterLayout& layout() const { return layout_; }
  void loss_and_gradient(std::span<const double>, const Evaluation& evaluation,
                         std::span<double> gradient, std::span<double> losses) {
    const bool breaks = evaluation.step == 2;
    losses[0] = breaks ? loss_then_ : 1;
    gradient[0] = breaks ? std::numeric_limits<double>::infinity() : 1;
  }

 private:
  double loss_then_;
  ParameterLayout layout_;
};

TEST(ObserverWishes, AMemberWhoseLossIsHugeIsLookedAtByTheLoop) {
  const BreakingGradient objective(1e200);
  const Watched unseen = watched(objective, {8}, steps_at_rate(5, 1), false);
  expect_same_but_for_the_look(watched(objective, {8}, steps_at_rate(5, 1), true), unseen);
  EXPECT_EQ(unseen.result.steps, 2);
  EXPECT_EQ(unseen.parameters[0], 6);
}

TEST(ObserverWishes, AGradientThatIsNotFiniteAtOnceEndsAMemberAfterTheUpdateNobodyLooksBefore) {
  const BreakingGradient objective(1);
  const Watched seen = watched(objective, {8}, steps_at_rate(5, 1), true);
  const Watched unseen = watched(objective, {8}, steps_at_rate(5, 1), false);
  for (const Watched* run : {&seen, &unseen}) {
    EXPECT_EQ(run->result.termination, Termination::diverged);
    EXPECT_EQ(run->result.message, "loss or gradient not finite after 2 steps");
    EXPECT_EQ(run->steps.size(), 3U);
  }
  EXPECT_EQ(seen.result.steps, 2);
  EXPECT_EQ(seen.parameters[0], 6);
  EXPECT_EQ(unseen.result.steps, 3);
  EXPECT_TRUE(std::isinf(unseen.parameters[0]));
}

TEST(ObserverWishes, AStopAtAStepNobodyLooksAtComesAfterItsUpdate) {
  for (const bool looks : {true, false}) {
    Bowls bowls({1, 2});
    std::vector<double> w = {1, 1};
    Recorder<double> recorder;
    recorder.looks = looks;
    recorder.weighs = true;
    recorder.when_step = [](const StepEvent<double>& event, StopRequests& requests) {
      if (event.step == 2) requests.stop_member(0, Termination::stopped, "enough");
    };
    const RunResult result = run(bowls, w, steps_at_rate(5, 0.25), {&recorder});
    EXPECT_EQ(result.members[0].termination, Termination::stopped);
    EXPECT_EQ(result.members[0].steps, looks ? 2 : 3);
    EXPECT_EQ(w[0], std::pow(0.75, result.members[0].steps));
    EXPECT_EQ(w[1], std::pow(0.5, 5));
    for (std::size_t t = 1; t < recorder.steps.size(); ++t) {
      const bool moved = t <= (looks ? 2 : 3);
      EXPECT_EQ(recorder.steps[t].update_norms[0], moved ? 0.25 * std::pow(0.75, t - 1) : 0) << t;
    }
  }
}

}  // namespace
}  // namespace ravine
