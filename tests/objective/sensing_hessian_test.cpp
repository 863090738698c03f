#include "ravine/objective/sensing_hessian.hpp"

#include <string>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "support/vectors.hpp"

namespace ravine::testing {
namespace {

TEST(SensingHessian, MultipliesAsTheObjectiveDoesAtEveryPointItMovesTo) {
  ThreadTeam team(2);
  const std::size_t d = 9, rank = 2, m = 30;
  const MeasurementEnsemble ensemble = MeasurementEnsemble::gaussian(d, m, 5, team);
  const std::vector<double> values = normals(m, "values");
  const std::string name = "1";
  MatrixSensing objective(ensemble, values, rank, {&name, 1}, team);
  SensingHessian hessian(ensemble, values, rank, team);
  for (const char* point : {"one", "two", "one"}) {
    const std::vector<double> u = normals(d * rank, point), v = normals(d * rank, "direction");
    std::vector<double> product(d * rank), expected(d * rank);
    objective.hessian_vector(u, Evaluation{}, v, expected);
    hessian.move_to(u);
    hessian.multiply(v, product);
    expect_all_near(product, expected, 1e-12);
  }
}

TEST(SensingHessian, HasTheSameBitsForAnyTeam) {
  ThreadTeam one(1), three(3);
  const MeasurementEnsemble ensemble = MeasurementEnsemble::gaussian(8, 50, 5, one);
  const std::vector<double> values = normals(50, "values"), u = normals(16, "u");
  const std::vector<double> v = normals(16, "v");
  std::vector<double> first(16), second(16);
  for (auto [team, product] : {std::pair(&one, &first), std::pair(&three, &second)}) {
    SensingHessian hessian(ensemble, values, 2, *team);
    hessian.move_to(u);
    hessian.multiply(v, *product);
  }
  EXPECT_EQ(first, second);
}

TEST(SensingHessian, RefusesOtherShapes) {
  ThreadTeam team(1);
  const MeasurementEnsemble ensemble = MeasurementEnsemble::gaussian(4, 5, 1, team);
  const std::vector<double> values(5);
  EXPECT_THROW(SensingHessian(ensemble, std::span(values).first(4), 1, team), ShapeError);
  SensingHessian hessian(ensemble, values, 1, team);
  EXPECT_THROW(hessian.move_to(std::vector<double>(8)), ShapeError);
}

TEST(SensingHessian, PaysOffForFactorsOfFewColumns) {
  EXPECT_TRUE(SensingHessian::pays_off(100, 25));
  EXPECT_FALSE(SensingHessian::pays_off(100, 26));
}

}  // namespace
}  // namespace ravine::testing
