#include "ravine/probe/finite_difference_hessian.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "probe/small_objectives.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/quadratic.hpp"

namespace ravine {
namespace {

using testing::normal_numbers;
using testing::SmallNetwork;
using testing::SmallPopulation;
using testing::SmallSensing;

static_assert(TwiceDifferentiable<FiniteDifferenceHessian<Mlp<double>>>);

template <class O>
std::vector<double> hessian_product(O& objective, std::span<const double> point,
                                    std::span<const double> v, const Evaluation& evaluation = {}) {
  std::vector<double> product(point.size());
  objective.hessian_vector(point, evaluation, v, product);
  return product;
}

double relative_distance(std::span<const double> a, std::span<const double> b) {
  std::vector<double> difference(a.begin(), a.end());
  add_scaled(-1, b, difference);
  return std::sqrt(squared_norm(std::span<const double>(difference)) / squared_norm(a));
}

// The objective's own product against differences of its gradient, and its symmetry.
template <class O>
void expect_right_and_symmetric(O& objective, std::span<const double> point) {
  FiniteDifferenceHessian by_differences(objective);
  const std::vector<double> u = normal_numbers(point.size(), "direction u");
  const std::vector<double> v = normal_numbers(point.size(), "direction v");
  const std::vector<double> hv = hessian_product(objective, point, v);
  const std::vector<double> hu = hessian_product(objective, point, u);
  EXPECT_LT(relative_distance(hv, hessian_product(by_differences, point, v)), 1e-8);
  EXPECT_NEAR(dot(std::span<const double>(u), hv), dot(std::span<const double>(hu), v),
              1e-12 * std::sqrt(squared_norm(std::span<const double>(hv)) *
                                squared_norm(std::span<const double>(u))));
}

TEST(HessianVector, OfSensingMatchesDifferencesAndIsSymmetric) {
  SmallSensing instance;
  expect_right_and_symmetric(instance.sensing, instance.point);
}

TEST(HessianVector, OfPopulationSensingMatchesDifferencesAndIsSymmetric) {
  SmallPopulation population(7, 2, 3);
  expect_right_and_symmetric(population.sensing, normal_numbers(21, "u"));
}

TEST(HessianVector, OfQuadraticMatchesDifferencesAndIsSymmetric) {
  Quadratic quadratic({1, -2, 3}, {0.5, 0, -1});
  expect_right_and_symmetric(quadratic, std::vector<double>{1, 2, 3});
}

TEST(FiniteDifferenceHessian, OfANetworkIsSymmetricAndFollowsTheLoss) {
  SmallNetwork network(Activation::tanh, true);
  FiniteDifferenceHessian hessian(network.mlp);
  const std::vector<double> u = normal_numbers(network.point.size(), "u");
  const std::vector<double> v = normal_numbers(network.point.size(), "v");
  const double u_hv = dot(std::span<const double>(u), hessian_product(hessian, network.point, v));
  const double v_hu = dot(std::span<const double>(v), hessian_product(hessian, network.point, u));
  EXPECT_GT(std::abs(u_hv), 1e-3);
  EXPECT_NEAR(u_hv, v_hu, 1e-7 * std::abs(u_hv));

  // Second difference of the loss along v.
  const double t = 1e-4;
  std::vector<double> losses;
  for (const double at : {-t, 0.0, t}) {
    std::vector<double> x = network.point;
    add_scaled(at, v, x);
    std::vector<double> gradient(x.size());
    losses.push_back(0);
    hessian.loss_and_gradient(x, {}, gradient, std::span(losses).last(1));
  }
  const double curvature =
      dot(std::span<const double>(v), hessian_product(hessian, network.point, v));
  EXPECT_NEAR((losses[0] - 2 * losses[1] + losses[2]) / (t * t), curvature,
              1e-4 * std::abs(curvature) + 1e-6);
}

TEST(FiniteDifferenceHessian, LeavesInactiveMembersAlone) {
  SmallSensing instance;
  FiniteDifferenceHessian hessian(instance.sensing);
  const std::vector<double> v = normal_numbers(36, "v");
  const std::vector<double> all = hessian_product(hessian, instance.point, v);
  std::vector<double> product(36, 42.0);
  const std::vector<std::uint8_t> active{0, 1};
  hessian.hessian_vector(instance.point, {0, active}, v, product);
  for (std::size_t i = 0; i < 18; ++i) EXPECT_EQ(product[i], 42.0);
  for (std::size_t i = 18; i < 36; ++i) EXPECT_NEAR(product[i], all[i], 1e-7 * std::abs(all[i]));
}

TEST(FiniteDifferenceHessian, MapsZeroToZero) {
  SmallNetwork network(Activation::sigmoid, false);
  FiniteDifferenceHessian hessian(network.mlp);
  const std::vector<double> zero(network.point.size());
  EXPECT_EQ(hessian_product(hessian, network.point, zero), zero);
}

}  // namespace
}  // namespace ravine
