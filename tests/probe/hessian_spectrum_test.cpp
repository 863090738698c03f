#include "ravine/probe/hessian_spectrum.hpp"

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "probe/small_objectives.hpp"
#include "ravine/base/error.hpp"
#include "ravine/objective/quadratic.hpp"
#include "ravine/probe/finite_difference_hessian.hpp"

namespace ravine {
namespace {

using testing::normal_numbers;
using testing::SmallNetwork;
using testing::SmallPopulation;
using testing::SmallSensing;

// Lanczos against the whole spectrum of the written-out Hessian.
template <class O>
void expect_dense_ends(O& objective, std::span<const double> point, double tolerance) {
  const SpectrumEnds ends = hessian_spectrum(objective, point, {.dense_size = 0});
  const Eigen::VectorXd exact = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(
                                    dense_matrix(hessian_operator(objective, point), point.size()))
                                    .eigenvalues();
  EXPECT_TRUE(ends.converged) << ends.message;
  EXPECT_NEAR(ends.smallest.value, exact[0], tolerance * exact.cwiseAbs().maxCoeff());
  EXPECT_NEAR(ends.largest.value, exact[exact.size() - 1], tolerance * exact.cwiseAbs().maxCoeff());
}

TEST(HessianSpectrum, OfAQuadraticIsItsCurvatures) {
  std::vector<double> curvature(100);
  for (std::size_t i = 0; i < 100; ++i) curvature[i] = static_cast<double>(i) - 30;
  Quadratic quadratic(curvature, std::vector<double>(100));
  const SpectrumEnds ends = hessian_spectrum(quadratic, std::vector<double>(100, 1.0));
  EXPECT_NEAR(ends.smallest.value, -30, 1e-9);
  EXPECT_NEAR(ends.largest.value, 69, 1e-9);
}

TEST(HessianSpectrum, OfSensingMatchesTheDenseHessianOfAllMembers) {
  SmallSensing instance(10, 2, 4, 120);
  expect_dense_ends(instance.sensing, instance.point, 1e-10);
}

TEST(HessianSpectrum, OfThePopulationLossMatchesTheDenseHessian) {
  SmallPopulation population(20, 2, 5);
  expect_dense_ends(population.sensing, normal_numbers(100, "u"), 1e-10);
}

TEST(HessianSpectrum, OfANetworkMatchesTheDenseHessian) {
  SmallNetwork network(Activation::tanh, false);
  FiniteDifferenceHessian hessian(network.mlp);
  expect_dense_ends(hessian, network.point, 1e-7);
}

TEST(HessianSpectrum, RefusesAPointOfAnotherSize) {
  Quadratic quadratic({1, 2}, {0, 0});
  EXPECT_THROW(hessian_spectrum(quadratic, std::vector<double>(3)), ShapeError);
}

}  // namespace
}  // namespace ravine
