#include "ravine/probe/mlp_hessian.hpp"

#include <cmath>
#include <vector>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "probe/small_objectives.hpp"
#include "ravine/base/error.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/probe/finite_difference_hessian.hpp"
#include "ravine/probe/hessian_spectrum.hpp"
#include "support/bits.hpp"
#include "support/error_of.hpp"
#include "support/synthetic_images.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::normal_numbers;
using testing::SmallNetwork;

static_assert(DoubleTwiceDifferentiable<MlpHessian>);

template <class O>
std::vector<double> product_of(O& hessian, std::span<const double> point,
                               std::span<const double> v) {
  std::vector<double> product(point.size());
  hessian.hessian_vector(point, {}, v, product);
  return product;
}

TEST(SecondDerivative, IsThatOfEveryActivation) {
  constexpr double h = 1e-5;
  for (const Activation activation : testing::every_activation()) {
    for (const double z : {-3.1, -1.2, -0.4, 0.3, 1.7, 4.0}) {
      std::vector<double> at = {z - h, z, z + h}, slope = {1, 1, 1};
      if (!needs_pre_activation(activation)) activate(activation, std::span(at));
      multiply_by_derivative(activation, at, std::span(slope));
      EXPECT_NEAR(second_derivative(activation, at[1]), (slope[2] - slope[0]) / (2 * h), 1e-8)
          << name_of(activation) << " at " << z;
    }
  }
}

TEST(MlpHessian, ProductsMatchDifferencesOfGradientsAndAreSymmetric) {
  for (const Activation activation : testing::every_activation()) {
    for (const bool bias : {false, true}) {
      SCOPED_TRACE(::testing::Message() << name_of(activation) << bias);
      SmallNetwork network(activation, bias);
      MlpHessian exact(network.mlp, network.team);
      FiniteDifferenceHessian differences(network.mlp);
      const std::vector<double> u = normal_numbers(network.point.size(), "u");
      const std::vector<double> v = normal_numbers(network.point.size(), "v");
      const std::vector<double> hu = product_of(exact, network.point, u);
      const std::vector<double> hv = product_of(exact, network.point, v);
      testing::expect_all_near(product_of(differences, network.point, v), hv, 1e-7);
      const double u_hv = dot(std::span<const double>(u), hv);
      EXPECT_NEAR(u_hv, dot(std::span<const double>(v), hu), 1e-11 * std::abs(u_hv) + 1e-13);
    }
  }
}

TEST(MlpHessian, KnowsTheSquaredErrorToo) {
  const MlpConfig config{12, {9, 7}, 4, Activation::gelu, true, Loss::mse};
  const testing::SyntheticImages images(10, 12, 4);
  ThreadTeam team(2);
  Mlp<double> mlp(config, images.view(), Batcher(10, 10, 0, false), team);
  std::vector<double> point = normal_numbers(mlp.layout().size(), "point");
  for (double& w : point) w *= 0.5;
  const std::vector<double> v = normal_numbers(point.size(), "v");
  MlpHessian exact(mlp, team);
  FiniteDifferenceHessian differences(mlp);
  testing::expect_all_near(product_of(differences, point, v), product_of(exact, point, v), 1e-7);
}

TEST(MlpHessian, RefusesNetworksItDoesNotKnow) {
  MlpConfig config{12, {8, 8}, 4};
  config.residual = true;
  const testing::SyntheticImages images(10, 12, 4);
  ThreadTeam team(1);
  Mlp<double> mlp(config, images.view(), Batcher(10, 10, 0, false), team);
  EXPECT_EQ(
      testing::error_of<ConfigError>([&] { MlpHessian(mlp, team); }),
      "[mlp_hessian] network: expected no normalisation, skips or dropout, got one with them");
}

TEST(MlpHessian, GivesTheSameBitsForAnyThreads) {
  const MlpConfig config{12, {33, 17}, 4, Activation::tanh, true};
  const testing::SyntheticImages images(50, 12, 4);
  const std::size_t size = mlp_layout(config).size();
  const std::vector<double> point = normal_numbers(size, "point"), v = normal_numbers(size, "v");
  const auto product = [&](int threads) {
    ThreadTeam team(threads);
    Mlp<double> mlp(config, images.view(), Batcher(50, 50, 0, false), team);
    MlpHessian hessian(mlp, team);
    return product_of(hessian, point, v);
  };
  const std::vector<double> alone = product(1);
  for (const int threads : {2, 3, 8}) EXPECT_TRUE(testing::same_bits(product(threads), alone));
}

TEST(MlpHessian, EndsOfItsSpectrumAreThoseOfTheWholeMatrix) {
  SmallNetwork network(Activation::tanh, true);
  MlpHessian hessian(network.mlp, network.team);
  const Eigen::MatrixXd whole =
      dense_matrix(hessian_operator(hessian, network.point), network.point.size());
  const Eigen::VectorXd values =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(whole).eigenvalues();
  const SpectrumEnds ends = hessian_spectrum(hessian, network.point, {.tolerance = 1e-9});
  EXPECT_TRUE(ends.converged) << ends.message;
  EXPECT_NEAR(ends.largest.value, values(values.size() - 1), 1e-8);
  EXPECT_NEAR(ends.smallest.value, values(0), 1e-8);
}

}  // namespace
}  // namespace ravine
