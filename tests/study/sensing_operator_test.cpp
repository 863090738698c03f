#include "ravine/study/sensing_operator.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace ravine {
namespace {

SensingInstance instance_of(std::size_t dimension, std::size_t m, double noise = 0.1) {
  ThreadTeam team(2);
  RandomSensingConfig config;
  config.dimension = dimension;
  config.measurements = m;
  config.noise = noise;
  return random_instance(config, team);
}

TEST(OperatorCost, OfAFewMembersIsThatOfReading) {
  // d = 20: p = 210; m = 2100 rows of 4 p bytes, N half of 8 p^2 bytes.
  const SensingInstance instance = instance_of(20, 2100);
  const MeasurementEnsemble& ensemble = instance.ensemble;
  for (const std::size_t members : {1, 3}) {
    EXPECT_DOUBLE_EQ(measurement_cost(ensemble, members).evaluation_seconds, 2100 * 210 * 4 / 30e9);
    EXPECT_DOUBLE_EQ(normal_cost(instance, members).evaluation_seconds, 210 * 210 * 4 / 30e9);
  }
  EXPECT_DOUBLE_EQ(measurement_cost(ensemble, 6).evaluation_seconds, 2100 * 210 * 24 / 90e9);
  EXPECT_DOUBLE_EQ(normal_cost(instance, 6).evaluation_seconds, 210 * 210 * 12 / 60e9);
  const MeasurementEnsemble doubles(20, 2100, AlignedBuffer<double>(2100 * 210));
  EXPECT_DOUBLE_EQ(measurement_cost(doubles, 1).evaluation_seconds, 2100 * 210 * 8 / 30e9);
}

TEST(OperatorCost, HasNoSearchForAReferencePointThatIsKnown) {
  const double pass = 2100.0 * 210 * 4 / 30e9, product = 2100.0 * 210 * 210 / 100e9;
  EXPECT_DOUBLE_EQ(normal_cost(instance_of(20, 2100, 0), 1).setup_seconds, product + 2 * pass);
  const double searches = 2 * std::log(1e-13) / std::log(0.1);  // p / m = 1 / 10
  EXPECT_NEAR(normal_cost(instance_of(20, 2100), 1).setup_seconds,
              product + 2 * pass + searches * 210 * 210 * 4 / 30e9, 1e-12);
  EXPECT_NEAR(normal_cost(instance_of(20, 210), 1).setup_seconds,
              product / 10 + 2 * pass / 10 + 500 * 210 * 210 * 4 / 30e9, 1e-12);
}

TEST(OperatorChoice, IsNormalWhenTheEvaluationsRepayItAndNotBefore) {
  const SensingInstance instance = instance_of(20, 2100);
  const OperatorCost normal = normal_cost(instance, 2);
  const double saving =
      measurement_cost(instance.ensemble, 2).evaluation_seconds - normal.evaluation_seconds;
  const auto repaid = static_cast<std::int64_t>(normal.setup_seconds / saving) + 1;
  EXPECT_GT(repaid, 10);
  EXPECT_LT(repaid, 1000);
  EXPECT_EQ(choose_operator(instance, 2, repaid, {}).kind, OperatorKind::normal);
  EXPECT_EQ(choose_operator(instance, 2, repaid - 1, {}).kind, OperatorKind::measurements);
}

TEST(OperatorChoice, ObeysAndStillPredictsBoth) {
  const SensingInstance instance = instance_of(8, 72);
  for (const OperatorKind kind : {OperatorKind::measurements, OperatorKind::normal}) {
    const OperatorChoice choice = choose_operator(instance, 1, 1000, kind);
    EXPECT_EQ(choice.kind, kind);
    EXPECT_GT(choice.measurement_seconds, 0);
    EXPECT_GT(choice.normal_seconds, 0);
  }
}

TEST(OperatorChoice, OfFewMeasurementsIsNormalOnlyWhereTheTruthFitsAndTheArithmeticShrinks) {
  constexpr std::int64_t kMany = 1'000'000'000;
  const SensingInstance noisy = instance_of(8, 36), exact = instance_of(8, 36, 0);
  EXPECT_EQ(choose_operator(noisy, 6, kMany, {}).kind, OperatorKind::measurements);
  EXPECT_FALSE(choose_operator(noisy, 6, kMany, {}).normal_seconds);
  EXPECT_EQ(choose_operator(noisy, 6, 1, OperatorKind::normal).kind, OperatorKind::normal);
  EXPECT_EQ(choose_operator(exact, 6, kMany, {}).kind, OperatorKind::normal);
  EXPECT_EQ(choose_operator(exact, 1, kMany, {}).kind, OperatorKind::measurements);
  EXPECT_EQ(choose_operator(instance_of(8, 20, 0), 6, kMany, {}).kind, OperatorKind::measurements);
  EXPECT_EQ(choose_operator(instance_of(8, 37), 1, kMany, {}).kind, OperatorKind::normal);
}

}  // namespace
}  // namespace ravine
