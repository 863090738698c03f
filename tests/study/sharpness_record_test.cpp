#include "ravine/study/sharpness_record.hpp"

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "probe/small_objectives.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/quadratic.hpp"
#include "ravine/probe/hessian_spectrum.hpp"
#include "ravine/probe/mlp_hessian.hpp"

namespace ravine {
namespace {

using testing::SmallNetwork;

constexpr std::uint64_t kSeed = 1234;

/// The sharpness of a quadratic of these curvatures.
double measure_bowl(SharpnessTrack& track, const std::vector<double>& curvature, std::int64_t step,
                    std::optional<double> edge) {
  Quadratic bowl(curvature, std::vector<double>(curvature.size()));
  const std::vector<double> point(curvature.size(), 1.0);
  return track.measure(hessian_operator(bowl, point), point.size(), step, edge).value;
}

TEST(SharpnessTrack, OfAQuadraticIsItsLargestCurvature) {
  SharpnessTrack track(kSeed);
  EXPECT_NEAR(measure_bowl(track, {-9, 2, 5, 1}, 1, {}), 5, 1e-4);
  EXPECT_NEAR(measure_bowl(track, {-9, 7, 5, 1}, 2, {}), 7, 1e-4) << "another has overtaken it";
}

TEST(SharpnessTrack, OfANetworkIsTheLargestEigenvalueOfItsHessianAllAlongADescent) {
  SmallNetwork network(Activation::tanh, true);
  MlpHessian hessian(network.mlp, network.team);
  std::vector<double> point = network.point, gradient(point.size()), loss(1);
  SharpnessTrack track(kSeed);
  for (int step = 0; step < 30; ++step) {
    const SymmetricOperator product = hessian_operator(hessian, point);
    const double exact =
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(dense_matrix(product, point.size()))
            .eigenvalues()
            .maxCoeff();
    const Eigenpair found = track.measure(product, point.size(), step, {});
    EXPECT_NEAR(found.value, exact, 1e-4 * exact) << step;
    EXPECT_LE(found.residual, 2e-3 * exact) << step;
    network.mlp.loss_and_gradient(point, Evaluation{}, gradient, loss);
    add_scaled(-0.3, std::span<const double>(gradient), point);
  }
  EXPECT_LT(track.results()["products"], 30 * 12) << "each from the vector before";
}

TEST(SharpnessTrack, StartsFromTheSeedOfTheRun) {
  const std::vector<double> curvature{4, 3.9, 3.8, 1};
  const auto vector_of = [&](std::uint64_t seed) {
    SharpnessTrack track(seed);
    Quadratic bowl(curvature, std::vector<double>(curvature.size()));
    const std::vector<double> point(curvature.size(), 1.0);
    return track.measure(hessian_operator(bowl, point), point.size(), 1, {}).vector;
  };
  EXPECT_EQ(vector_of(1), vector_of(1));
  EXPECT_NE(vector_of(1), vector_of(2));
}

TEST(SharpnessTrack, SaysWhenTheEdgeWasReachedAndWhereItSettled) {
  SharpnessTrack track(kSeed);
  EXPECT_TRUE(track.results().empty());
  const double values[] = {2, 5, 11, 10.5, 9, 12, 10};
  for (std::size_t i = 0; i < std::size(values); ++i) {
    measure_bowl(track, {values[i], 0.5}, static_cast<std::int64_t>(10 * i + 1), 10.0);
  }
  const Json results = track.results();
  EXPECT_EQ(results["measurements"], 7);
  EXPECT_NEAR(results["first"], 2, 1e-5);
  EXPECT_NEAR(results["last"], 10, 1e-4);
  EXPECT_NEAR(results["largest"], 12, 1e-4);
  EXPECT_EQ(results["largest_step"], 51);
  EXPECT_EQ(results["edge"], 10);
  EXPECT_EQ(results["crossed_step"], 21);
  EXPECT_NEAR(results["settled_ratio"], 1.05, 1e-4) << "median of 11, 10.5, 9, 12, 10 over 10";
}

TEST(SharpnessTrack, HasNoCrossingBelowTheEdgeOrWithoutOne) {
  SharpnessTrack below(kSeed), without(kSeed);
  measure_bowl(below, {3, 1}, 1, 10.0);
  measure_bowl(without, {3, 1}, 1, {});
  EXPECT_EQ(below.results()["edge"], 10);
  EXPECT_TRUE(below.results()["crossed_step"].is_null());
  EXPECT_TRUE(below.results()["settled_ratio"].is_null());
  EXPECT_TRUE(without.results()["edge"].is_null());
  EXPECT_TRUE(without.results()["crossed_step"].is_null());
}

}  // namespace
}  // namespace ravine
