#include "ravine/study/sensing_operator.hpp"

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

using testing::error_of;

MeasurementEnsemble ensemble_of(std::size_t dimension, std::size_t m) {
  ThreadTeam team(2);
  return MeasurementEnsemble::gaussian(dimension, m, 1, team);
}

TEST(OperatorCost, OfAFewMembersIsThatOfReading) {
  // d = 20: p = 210; m = 2100 rows of 4 p bytes, N half of 8 p^2 bytes.
  const MeasurementEnsemble ensemble = ensemble_of(20, 2100);
  for (const std::size_t members : {1, 3}) {
    EXPECT_DOUBLE_EQ(measurement_cost(ensemble, members).evaluation_seconds, 2100 * 210 * 4 / 30e9);
    EXPECT_DOUBLE_EQ(normal_cost(ensemble, members).evaluation_seconds, 210 * 210 * 4 / 30e9);
  }
  EXPECT_DOUBLE_EQ(measurement_cost(ensemble, 6).evaluation_seconds, 2100 * 210 * 24 / 90e9);
  EXPECT_DOUBLE_EQ(normal_cost(ensemble, 6).evaluation_seconds, 210 * 210 * 12 / 60e9);
  const MeasurementEnsemble doubles(20, 2100, AlignedBuffer<double>(2100 * 210));
  EXPECT_DOUBLE_EQ(measurement_cost(doubles, 1).evaluation_seconds, 2100 * 210 * 8 / 30e9);
}

TEST(OperatorChoice, IsNormalWhenTheEvaluationsRepayItAndNotBefore) {
  const MeasurementEnsemble ensemble = ensemble_of(20, 2100);
  const OperatorCost normal = normal_cost(ensemble, 2);
  const double saving =
      measurement_cost(ensemble, 2).evaluation_seconds - normal.evaluation_seconds;
  const auto repaid = static_cast<std::int64_t>(normal.setup_seconds / saving) + 1;
  EXPECT_GT(repaid, 10);
  EXPECT_LT(repaid, 1000);
  EXPECT_EQ(choose_operator(ensemble, 2, repaid, {}).kind, OperatorKind::normal);
  EXPECT_EQ(choose_operator(ensemble, 2, repaid - 1, {}).kind, OperatorKind::measurements);
}

TEST(OperatorChoice, ObeysAndStillPredictsBoth) {
  const MeasurementEnsemble ensemble = ensemble_of(8, 72);
  for (const OperatorKind kind : {OperatorKind::measurements, OperatorKind::normal}) {
    const OperatorChoice choice = choose_operator(ensemble, 1, 1000, kind);
    EXPECT_EQ(choice.kind, kind);
    EXPECT_GT(choice.measurement_seconds, 0);
    EXPECT_GT(choice.normal_seconds, 0);
  }
}

TEST(OperatorChoice, IsNeverNormalWithoutMoreMeasurementsThanUnknowns) {
  const MeasurementEnsemble ensemble = ensemble_of(8, 36);
  const OperatorChoice choice = choose_operator(ensemble, 1, 1'000'000'000, {});
  EXPECT_EQ(choice.kind, OperatorKind::measurements);
  EXPECT_FALSE(choice.normal_seconds);
  EXPECT_EQ(error_of<ConfigError>([&] { choose_operator(ensemble, 1, 1, OperatorKind::normal); }),
            "[sense] operator: expected measurements or auto, as the normal operator needs more "
            "measurements than unknowns, 36 here, got normal with 36 measurements");
  EXPECT_EQ(choose_operator(ensemble_of(8, 37), 1, 1'000'000'000, {}).kind, OperatorKind::normal);
}

}  // namespace
}  // namespace ravine
