#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/objective/factored_form.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "support/error_of.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::error_of;
using testing::expect_all_near;
using testing::normals;

TEST(PopulationOperator, MakesSensingThePopulationLossOfEveryMember) {
  constexpr std::size_t d = 7, rank = 4, size = d * rank;
  ThreadTeam team(2);
  std::vector<double> truth(d * d);
  const std::vector<double> a = normals(d * 3, "a"), b = normals(d * 3, "b");
  const MatrixView<double> truth_view(truth.data(), d, d);
  symmetric_product(MatrixView(a.data(), d, 3), MatrixView(b.data(), d, 3), truth_view);
  const std::vector<std::string> names = {"1", "2"};
  MatrixSensing sensing(population_operator(truth_view), rank, names, team);
  MatrixSensing population = population_sensing(truth_view, rank, team);

  const std::vector<double> u = normals(2 * size, "U"), v = normals(2 * size, "V");
  std::vector<double> gradient(2 * size), product(2 * size), losses(2);
  sensing.loss_and_gradient(u, {}, gradient, losses);
  sensing.hessian_vector(u, {}, v, product);
  for (std::size_t k = 0; k < 2; ++k) {
    const auto member = [&](const std::vector<double>& x) {
      return std::span(x).subspan(k * size, size);
    };
    std::vector<double> expected_gradient(size), expected_product(size), expected_loss(1);
    population.loss_and_gradient(member(u), {}, expected_gradient, expected_loss);
    population.hessian_vector(member(u), {}, member(v), expected_product);
    EXPECT_NEAR(losses[k], expected_loss[0], 1e-13 * expected_loss[0]);
    expect_all_near(member(gradient), expected_gradient, 1e-13);
    expect_all_near(member(product), expected_product, 1e-13);
  }
}

TEST(PopulationOperator, RefusesWhatIsNotSquareOrNoRow) {
  const std::vector<double> truth(6);
  EXPECT_EQ(error_of<ShapeError>([&] { population_operator(MatrixView(truth.data(), 2, 3)); }),
            "[population_operator] truth: expected a square matrix, got 2 x 3");
  const auto population = population_operator(MatrixView(truth.data(), 2, 2));
  EXPECT_EQ(error_of<ShapeError>([&] {
              population->run({truth.data(), 2, 3}, 3);
            }),
            "[population_operator] x: expected at least 3 rows of 3, got 2 x 3");
}

}  // namespace
}  // namespace ravine
