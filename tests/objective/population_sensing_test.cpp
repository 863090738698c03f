#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/svec.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::normals;
using Vector = std::vector<double>;

/// U U^T, (d, d), of U, (d, rank).
Vector gram(const Vector& u, std::size_t d) {
  const std::size_t rank = u.size() / d;
  Vector x(d * d);
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) {
      for (std::size_t r = 0; r < rank; ++r) x[i * d + j] += u[i * rank + r] * u[j * rank + r];
    }
  }
  return x;
}

MatrixSensing population(const Vector& truth, std::size_t d, std::size_t rank) {
  static ThreadTeam alone(1);
  return population_sensing(MatrixView<const double>(truth.data(), d, d), rank, alone);
}

double loss_at(MatrixSensing& sensing, const Vector& u) {
  Vector gradient(u.size()), losses(1);
  sensing.loss_and_gradient(u, {}, gradient, losses);
  return losses[0];
}

Vector gradient_at(MatrixSensing& sensing, const Vector& u) {
  Vector gradient(u.size()), losses(1);
  sensing.loss_and_gradient(u, {}, gradient, losses);
  return gradient;
}

TEST(PopulationSensing, LossIsHalfTheSquaredDistance) {
  constexpr std::size_t d = 6, rank = 3;
  const Vector u = normals(d * rank, "U"), truth = gram(normals(d * 2, "truth"), d);
  const Vector x = gram(u, d);
  double expected = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    expected += 0.5 * (x[i] - truth[i]) * (x[i] - truth[i]);
  MatrixSensing sensing = population(truth, d, rank);
  EXPECT_NEAR(loss_at(sensing, u), expected, 1e-13 * expected);
}

TEST(PopulationSensing, GradientIsTheSlopeOfTheLoss) {
  // The loss is a polynomial of degree four in t along u + t v, so two central differences combine
  // to its slope without a remainder.
  constexpr std::size_t d = 6, rank = 3;
  MatrixSensing sensing = population(gram(normals(d * 2, "truth"), d), d, rank);
  const Vector u = normals(d * rank, "U"), v = normals(d * rank, "V");
  const auto along = [&](double t) {
    Vector moved = u;
    add_scaled(t, std::span<const double>(v), moved);
    return loss_at(sensing, moved);
  };
  const double slope = (8 * (along(0.5) - along(-0.5)) - (along(1) - along(-1))) / 6;
  EXPECT_NEAR(dot(std::span<const double>(gradient_at(sensing, u)), v), slope,
              1e-12 * (along(1) + along(-1)));
}

TEST(PopulationSensing, HessianIsTheSlopeOfTheGradient) {
  // The gradient is of degree three: the same combination is exact.
  constexpr std::size_t d = 5, rank = 2;
  MatrixSensing sensing = population(gram(normals(d, "truth"), d), d, rank);
  const Vector u = normals(d * rank, "U"), v = normals(d * rank, "V");
  const auto along = [&](double t) {
    Vector moved = u;
    add_scaled(t, std::span<const double>(v), moved);
    return gradient_at(sensing, moved);
  };
  const Vector near_up = along(0.5), near_down = along(-0.5), up = along(1), down = along(-1);
  Vector product(u.size());
  sensing.hessian_vector(u, {}, v, product);
  for (std::size_t i = 0; i < u.size(); ++i) {
    EXPECT_NEAR(product[i], (8 * (near_up[i] - near_down[i]) - (up[i] - down[i])) / 6, 1e-11);
  }
}

TEST(PopulationSensing, HasTheCriticalPointsOfRankOne) {
  // At 0 the Hessian is -2 u* u*^T; at +-u* it is 2 |u*|^2 I + 2 u* u*^T (system.md, B7).
  constexpr std::size_t d = 5;
  const Vector truth = normals(d, "truth"), v = normals(d, "V");
  MatrixSensing sensing = population(gram(truth, d), d, 1);
  const double overlap = dot(std::span<const double>(truth), v);
  const double square = squared_norm(std::span<const double>(truth));
  Vector product(d);
  EXPECT_EQ(gradient_at(sensing, Vector(d)), Vector(d));
  sensing.hessian_vector(Vector(d), {}, v, product);
  for (std::size_t i = 0; i < d; ++i) EXPECT_NEAR(product[i], -2 * overlap * truth[i], 1e-13);
  for (const double sign : {1.0, -1.0}) {
    Vector u(d);
    add_scaled(sign, std::span<const double>(truth), u);
    for (const double value : gradient_at(sensing, u)) EXPECT_NEAR(value, 0, 1e-13);
    sensing.hessian_vector(u, {}, v, product);
    for (std::size_t i = 0; i < d; ++i) {
      EXPECT_NEAR(product[i], 2 * square * v[i] + 2 * overlap * truth[i], 1e-12);
    }
  }
}

TEST(PopulationSensing, IsWhatManyMeasurementsTendTo) {
  constexpr std::size_t d = 5, m = 100'000;
  ThreadTeam team(2);
  const Vector truth = gram(normals(d, "truth"), d);
  const auto ensemble = MeasurementEnsemble::gaussian(d, m, 1, team);
  EnsemblePass pass(ensemble, team);
  Vector x(svec_size(d));
  svec(MatrixView<const double>(truth.data(), d, d), x);
  pass.run({}, x);
  const Vector values(pass.residuals(0).begin(), pass.residuals(0).end());
  const std::vector<std::string> names = {"one"};
  MatrixSensing sampled(ensemble, values, 2, names, team);
  MatrixSensing limit = population(truth, d, 2);
  const Vector u = normals(d * 2, "U");
  Vector gradient(u.size()), losses(1);
  sampled.loss_and_gradient(u, {}, gradient, losses);
  // r_i^2 / 2 has the relative standard deviation sqrt 2.
  EXPECT_NEAR(losses[0] / loss_at(limit, u), 1, 4 * std::sqrt(2.0 / m));
}

}  // namespace
}  // namespace ravine
