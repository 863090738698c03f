#include "ravine/study/trace_minimisation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "ravine/objective/svec.hpp"
#include "support/bits.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::expect_all_near;
using testing::same_bits;

constexpr double kTolerance = 1e-9;
constexpr int kIterations = 5'000;

SensingInstance instance_of(std::size_t d, std::size_t r, std::size_t m, double noise,
                            ThreadTeam& team) {
  RandomSensingConfig config;
  config.dimension = d;
  config.true_rank = r;
  config.measurements = m;
  config.noise = noise;
  return random_instance(config, team);
}

/// y_i = <A_i, X> for the given svec rows (m, 3) of 2 x 2 matrices.
SensingInstance two_by_two(const std::vector<double>& rows, std::vector<double> values) {
  AlignedBuffer<double> buffer(rows.size());
  std::ranges::copy(rows, buffer.begin());
  SensingInstance instance{
      MeasurementEnsemble(2, values.size(), std::move(buffer)), std::move(values), {}, {}};
  instance.sigma_1 = 1;
  return instance;
}

double trace(const std::vector<double>& x, std::size_t d) {
  double sum = 0;
  for (std::size_t i = 0; i < d; ++i) sum += x[i * d + i];
  return sum;
}

double smallest_eigenvalue(const std::vector<double>& x, std::size_t d) {
  const auto n = static_cast<Eigen::Index>(d);
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(
             Eigen::Map<const Eigen::MatrixXd>(x.data(), n, n))
      .eigenvalues()(0);
}

TEST(TraceMinimisation, RecoversTheTruthFromEnoughMeasurements) {
  ThreadTeam team(2);
  for (const auto& [d, r, m] : {std::array<std::size_t, 3>{12, 1, 50}, {20, 2, 150}}) {
    const SensingInstance instance = instance_of(d, r, m, 0, team);
    const auto solution = trace_minimisation(instance, kTolerance, kIterations, team);
    EXPECT_TRUE(solution.converged) << "d = " << d;
    EXPECT_LE(solution.relative_residual, kTolerance);
    EXPECT_LE(solution.dual_residual, kTolerance);
    expect_all_near(solution.x, instance.truth, 1e-7);
  }
}

TEST(TraceMinimisation, FindsAFitOfLessTraceThanTheTruthWhenMeasurementsAreTooFew) {
  constexpr std::size_t d = 20;
  ThreadTeam team(2);
  const SensingInstance instance = instance_of(d, 4, 60, 0, team);
  const auto solution = trace_minimisation(instance, kTolerance, kIterations, team);
  ASSERT_TRUE(solution.converged);
  EXPECT_LT(trace(solution.x, d), 0.99 * trace(instance.truth, d));
  EXPECT_GE(smallest_eigenvalue(solution.x, d), -1e-10 * instance.sigma_1);
}

TEST(TraceMinimisation, MeetsAnAnswerWorkedOutByHand) {
  // Only x_12 = b is measured. Semidefinite means x_11 x_22 >= b^2, so the trace is at least 2 |b|,
  // taken at x_11 = x_22 = |b|.
  ThreadTeam team(1);
  const SensingInstance instance = two_by_two({0, 1 / std::sqrt(2.0), 0}, {-1.5});
  const auto solution = trace_minimisation(instance, kTolerance, kIterations, team);
  EXPECT_TRUE(solution.converged);
  expect_all_near(solution.x, std::vector<double>{1.5, -1.5, -1.5, 1.5}, 1e-7);
}

TEST(TraceMinimisation, TakesLeastSquaresWhereMeasurementsContradictEachOther) {
  // x_11 = 1 and x_11 = 3: least squares says 2. x_22, never measured, is 0.
  ThreadTeam team(1);
  const SensingInstance instance = two_by_two({1, 0, 0, 1, 0, 0}, {1, 3});
  const auto solution = trace_minimisation(instance, kTolerance, kIterations, team);
  EXPECT_TRUE(solution.converged);
  expect_all_near(solution.x, std::vector<double>{2, 0, 0, 0}, 1e-7);
}

TEST(TraceMinimisation, MeasurementsGivenTwiceChangeNothing) {
  constexpr std::size_t d = 12, m = 50;
  ThreadTeam team(2);
  const SensingInstance once = instance_of(d, 1, m, 0, team);
  constexpr std::size_t p = svec_size(d);
  AlignedBuffer<double> more((m + 7) * p);
  once.ensemble.form().copy_rows(0, {more.data(), m, p});
  once.ensemble.form().copy_rows(0, {more.data() + m * p, 7, p});
  SensingInstance twice{MeasurementEnsemble(d, m + 7, std::move(more)), once.values, {}, {}};
  twice.values.insert(twice.values.end(), once.values.begin(), once.values.begin() + 7);
  twice.sigma_1 = once.sigma_1;
  const auto solution = trace_minimisation(twice, kTolerance, kIterations, team);
  EXPECT_TRUE(solution.converged);
  expect_all_near(solution.x, once.truth, 1e-7);
}

TEST(TraceMinimisation, MeasurementsThatAreAllZeroAreFitByZero) {
  ThreadTeam team(1);
  const auto solution = trace_minimisation(two_by_two({0, 0, 0}, {1}), kTolerance, 10, team);
  EXPECT_TRUE(solution.converged);
  EXPECT_EQ(solution.x, std::vector<double>(4));
}

TEST(TraceMinimisation, SaysSoWhenNoSemidefiniteMatrixFits) {
  ThreadTeam team(1);  // x_11 = -1
  const auto solution = trace_minimisation(two_by_two({1, 0, 0}, {-1}), kTolerance, 300, team);
  EXPECT_FALSE(solution.converged);
  EXPECT_EQ(solution.iterations, 300);
  EXPECT_GT(solution.relative_residual, 0.5);
}

TEST(TraceMinimisation, HasTheSameBitsForAnyTeam) {
  std::vector<std::vector<double>> found;
  for (const int size : {1, 2, 3}) {
    ThreadTeam team(size);
    const SensingInstance instance = instance_of(12, 1, 50, 0.1, team);
    found.push_back(trace_minimisation(instance, kTolerance, 40, team).x);
  }
  EXPECT_TRUE(same_bits(found[0], found[1]));
  EXPECT_TRUE(same_bits(found[0], found[2]));
}

}  // namespace
}  // namespace ravine
