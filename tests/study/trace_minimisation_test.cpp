#include "ravine/study/trace_minimisation.hpp"

#include <cmath>
#include <vector>

#include <Eigen/Dense>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/objective/svec.hpp"
#include "support/bits.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

constexpr double kTolerance = 1e-9;

SensingInstance instance_with(std::size_t measurements, ThreadTeam& team) {
  RandomSensingConfig config;
  config.dimension = 14;
  config.true_rank = 1;
  config.measurements = measurements;
  config.seed = 3;
  return random_instance(config, team);
}

double trace_of(std::span<const double> x, std::size_t d) {
  double trace = 0;
  for (std::size_t i = 0; i < d; ++i) trace += x[i * d + i];
  return trace;
}

double relative_error(std::span<const double> x, std::span<const double> truth) {
  double squares = 0, norm = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    squares += (x[i] - truth[i]) * (x[i] - truth[i]);
    norm += truth[i] * truth[i];
  }
  return std::sqrt(squares / norm);
}

/// |A(X) - y| / |y|.
double misfit(const SensingInstance& instance, const std::vector<double>& x, ThreadTeam& team) {
  const std::size_t d = instance.dimension();
  std::vector<double> packed(instance.ensemble.unknowns());
  svec(MatrixView<const double>(x.data(), d, d), packed);
  EnsemblePass pass(instance.ensemble, team);
  pass.run(instance.values, packed);
  double squares = 0, norm = 0;
  for (const double r : pass.residuals(0)) squares += r * r;
  for (const double y : instance.values) norm += y * y;
  return std::sqrt(squares / norm);
}

TEST(TraceMinimisation, RecoversTheTruthFromEnoughMeasurements) {
  ThreadTeam team(2);
  const SensingInstance instance = instance_with(70, team);  // of 105 unknowns
  const TraceMinimisation solution = minimise_trace(instance, kTolerance, 5000, team);
  EXPECT_LE(solution.relative_residual, kTolerance);
  EXPECT_LT(relative_error(solution.x, instance.truth), 1e-7);
}

TEST(TraceMinimisation, WithTooFewFindsAFeasibleMatrixOfLessTraceThanTheTruth) {
  ThreadTeam team(2);
  const SensingInstance instance = instance_with(15, team);
  const std::size_t d = instance.dimension();
  const TraceMinimisation solution = minimise_trace(instance, kTolerance, 20'000, team);
  EXPECT_LE(solution.relative_residual, kTolerance);
  EXPECT_LT(misfit(instance, solution.x, team), 1e-7);
  EXPECT_GT(relative_error(solution.x, instance.truth), 0.01);
  EXPECT_LT(trace_of(solution.x, d), trace_of(instance.truth, d));
  const Eigen::Map<const Eigen::MatrixXd> x(solution.x.data(), static_cast<Eigen::Index>(d),
                                            static_cast<Eigen::Index>(d));
  EXPECT_GT(Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(x).eigenvalues().minCoeff(), -1e-9);
}

TEST(TraceMinimisation, HasTheSameBitsForAnyThreads) {
  ThreadTeam alone(1), three(3);
  const auto solved = [](ThreadTeam& team) {
    return minimise_trace(instance_with(60, team), kTolerance, 50, team).x;
  };
  EXPECT_TRUE(testing::same_bits(solved(alone), solved(three)));
}

TEST(TraceMinimisation, IsRefusedWhereNothingIsLeftToChoose) {
  ThreadTeam team(1);
  demand_trace_choice(instance_with(104, team).ensemble);
  const std::string error = testing::error_of<ConfigError>(
      [&] { demand_trace_choice(instance_with(105, team).ensemble); });
  EXPECT_THAT(error, ::testing::HasSubstr("at most 104, got 105"));
}

}  // namespace
}  // namespace ravine
