#include "ravine/optimizer/accelerated_gradient.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "ravine/descent/descend.hpp"
#include "ravine/objective/quadratic.hpp"
#include "ravine/optimizer/gradient_descent.hpp"
#include "support/recorder.hpp"

namespace ravine::testing {
namespace {

constexpr double kEta = 0.1;

template <class R>
std::vector<RecordedStep<double>> steps_of(const R& rule, std::int64_t steps) {
  Quadratic quadratic({10, 1, 0.02}, {0, 0, 0});
  std::vector<double> w = {1, 1, 1};
  Recorder<double> recorder;
  Observer<double>* const observers[] = {&recorder};
  DescentOptions options;
  options.max_steps = steps;
  options.learning_rate = kEta;
  ThreadTeam team(1);
  (void)descend(quadratic, rule, std::span(w), options, observers, team);
  return recorder.steps;
}

TEST(AcceleratedGradient, FollowsItsRecursion) {
  const auto steps = steps_of(AcceleratedGradient{Restart::none}, 30);
  const std::vector<double> h = {10, 1, 0.02};
  std::vector<double> x = {1, 1, 1}, y = x;
  for (int k = 0; k < 30; ++k) {
    for (std::size_t i = 0; i < 3; ++i) {
      ASSERT_NEAR(steps[k].parameters[i], y[i], 1e-14) << "step " << k;
      const double next = y[i] - kEta * h[i] * y[i];
      y[i] = next + k / (k + 3.0) * (next - x[i]);
      x[i] = next;
    }
  }
}

TEST(AcceleratedGradient, IsFasterThanGradientDescentAndFasterStillWithRestarts) {
  constexpr std::int64_t kSteps = 600;
  const double plain = steps_of(GradientDescent(), kSteps).back().losses[0];
  const double accelerated = steps_of(AcceleratedGradient{Restart::none}, kSteps).back().losses[0];
  EXPECT_LT(accelerated, 0.1 * plain);
  for (const Restart restart : {Restart::function, Restart::gradient}) {
    EXPECT_LT(steps_of(AcceleratedGradient{restart}, kSteps).back().losses[0], 1e-4 * accelerated);
  }
}

}  // namespace
}  // namespace ravine::testing
