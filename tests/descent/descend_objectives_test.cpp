#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/descent/descend.hpp"
#include "ravine/kernels/ref/vector_ops.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/mlp.hpp"
#include "ravine/objective/quadratic.hpp"
#include "ravine/optimizer/gradient_descent.hpp"
#include "support/bits.hpp"
#include "support/recorder.hpp"
#include "support/synthetic_images.hpp"
#include "support/vectors.hpp"

// Whole descents of the objectives that Ravine studies.

namespace ravine {
namespace {

using testing::normals;
using testing::RecordedStep;
using testing::Recorder;
using testing::same_bits;
using testing::SyntheticImages;

/// What a descent went through and where it ended.
template <class T>
struct Trace {
  std::vector<RecordedStep<T>> steps;
  std::vector<T> end;
};

template <class O, class T = typename O::Scalar>
Trace<T> descended(O& objective, std::vector<T> parameters, std::int64_t steps,
                   double learning_rate, ThreadTeam& team) {
  Recorder<T> recorder;
  const std::vector<Observer<T>*> observers = {&recorder};
  DescentOptions options;
  options.max_steps = steps;
  options.learning_rate = learning_rate;
  (void)descend(objective, GradientDescent(), std::span(parameters), options,
                std::span<Observer<T>* const>(observers), team);
  return {recorder.steps, parameters};
}

template <class T>
void expect_same_trace(const Trace<T>& a, const Trace<T>& b) {
  ASSERT_EQ(a.steps.size(), b.steps.size());
  for (std::size_t i = 0; i < a.steps.size(); ++i) {
    ASSERT_TRUE(same_bits(a.steps[i].losses, b.steps[i].losses)) << "step " << i;
    ASSERT_TRUE(same_bits(a.steps[i].gradient_norms, b.steps[i].gradient_norms)) << "step " << i;
    ASSERT_TRUE(same_bits(a.steps[i].gradient, b.steps[i].gradient)) << "step " << i;
  }
  ASSERT_TRUE(same_bits(a.end, b.end));
}

/// The recorded norms against those of the recorded gradients.
template <class T>
void expect_norms_of_gradients(const ParameterLayout& layout, const Trace<T>& trace) {
  for (const RecordedStep<T>& step : trace.steps) {
    ASSERT_EQ(step.gradient_norms.size(), layout.blocks().size());
    for (std::size_t b = 0; b < layout.blocks().size(); ++b) {
      const ParameterBlock& block = layout.blocks()[b];
      const double expected = std::sqrt(
          ref::squared_norm(std::span<const T>(step.gradient).subspan(block.offset, block.size())));
      ASSERT_GT(expected, 0);
      ASSERT_NEAR(step.gradient_norms[b], expected, 1e-13 * expected);
    }
  }
}

struct Network {
  explicit Network(ThreadTeam& team)
      : mlp(config, images.view(), Batcher(100, 32, 5, true), team),
        start(initial_parameters(config, Initialization::torch, 1, 5)) {}

  const MlpConfig config{30, {150, 60}, 5, Activation::relu, true};
  const SyntheticImages images{100, 30, 5};
  Mlp<float> mlp;
  std::vector<float> start;
};

struct Recovery {
  explicit Recovery(ThreadTeam& team)
      : ensemble(MeasurementEnsemble::gaussian(12, 90, 5, team)),
        values(normals(90, "values")),
        sensing(ensemble, values, 3, names, team),
        start(normals(sensing.layout().size(), "start")) {}

  const std::vector<std::string> names = {"1", "0.1", "0.01"};
  MeasurementEnsemble ensemble;
  std::vector<double> values;
  MatrixSensing sensing;
  std::vector<double> start;
};

TEST(DescentOfMlp, GradientNormsAreThoseOfTheGradientsForAnyThreads) {
  ThreadTeam alone(1);
  Network network(alone);
  const Trace<float> expected = descended(network.mlp, network.start, 9, 0.1, alone);
  expect_norms_of_gradients(network.mlp.layout(), expected);
  for (const int threads : {2, 3, 8}) {
    ThreadTeam team(threads);
    Network other(team);
    expect_same_trace(descended(other.mlp, other.start, 9, 0.1, team), expected);
  }
}

TEST(DescentOfMatrixSensing, GradientNormsAreThoseOfTheGradientsForAnyThreads) {
  ThreadTeam alone(1);
  Recovery recovery(alone);
  const Trace<double> expected = descended(recovery.sensing, recovery.start, 9, 0.001, alone);
  expect_norms_of_gradients(recovery.sensing.layout(), expected);
  EXPECT_LT(expected.steps.back().losses[0], expected.steps.front().losses[0]);
  for (const int threads : {2, 3, 8}) {
    ThreadTeam team(threads);
    Recovery other(team);
    expect_same_trace(descended(other.sensing, other.start, 9, 0.001, team), expected);
  }
}

/// The second part of a run as if it had followed the first without a break: step numbers begin at
/// `first` instead of 0.
template <class O>
class FromStep {
 public:
  using Scalar = typename O::Scalar;
  FromStep(O& objective, std::int64_t first) : objective_(objective), first_(first) {}

  const ParameterLayout& layout() const { return objective_.layout(); }
  void loss_and_gradient(std::span<const Scalar> parameters, const Evaluation& evaluation,
                         std::span<Scalar> gradient, std::span<double> losses) {
    objective_.loss_and_gradient(
        parameters, Evaluation{first_ + evaluation.step, evaluation.active}, gradient, losses);
  }

 private:
  O& objective_;
  std::int64_t first_;
};

// Plain gradient descent has no memory but its parameters, so a run continues from them alone where
// the objective does not depend on the step. Mini-batches do: they also need the step number, and a
// rule with state would need its state.

TEST(DescentOfQuadratic, ContinuesAsIfItHadNotStopped) {
  ThreadTeam team(2);
  Quadratic quadratic({3, 1, 0.1}, {1, -2, 5});
  const std::vector<double> start = {7, 8, 9};
  const Trace<double> whole = descended(quadratic, start, 25, 0.4, team);
  const Trace<double> first = descended(quadratic, start, 10, 0.4, team);
  EXPECT_TRUE(same_bits(descended(quadratic, first.end, 15, 0.4, team).end, whole.end));
}

TEST(DescentOfMatrixSensing, ContinuesAsIfItHadNotStopped) {
  ThreadTeam team(2);
  Recovery recovery(team);
  const Trace<double> whole = descended(recovery.sensing, recovery.start, 25, 0.001, team);
  const Trace<double> first = descended(recovery.sensing, recovery.start, 10, 0.001, team);
  EXPECT_TRUE(same_bits(descended(recovery.sensing, first.end, 15, 0.001, team).end, whole.end));
}

TEST(DescentOfMlp, ContinuesAsIfItHadNotStoppedWhenStepsGoOnCounting) {
  ThreadTeam team(2);
  Network network(team);
  const Trace<float> whole = descended(network.mlp, network.start, 25, 0.1, team);
  const Trace<float> first = descended(network.mlp, network.start, 10, 0.1, team);
  FromStep<Mlp<float>> rest(network.mlp, 10);
  EXPECT_TRUE(same_bits(descended(rest, first.end, 15, 0.1, team).end, whole.end));
  EXPECT_FALSE(same_bits(descended(network.mlp, first.end, 15, 0.1, team).end, whole.end));
}

}  // namespace
}  // namespace ravine
