#include "ravine/study/sense.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using ravine::testing::TemporaryFolder;

constexpr std::array kLevels = {"1e-3", "1e-6", "1e-10"};

/// The manifest's results; no singular values are recorded.
Json results_of(SenseConfig config, ThreadTeam& team) {
  const TemporaryFolder folder;
  StudyContext context;
  context.folder = folder.path();
  context.team = &team;
  config.singular_values = 0;
  return run_sense(config, context).manifest["results"];
}

Json exact_rank_results(std::uint64_t seed, double step, ThreadTeam& team) {
  SenseConfig config;
  config.instance.seed = seed;
  config.alphas = {1};
  config.step = step;
  config.iterations = 600;
  config.target_error = 1e-11;
  return results_of(config, team);
}

struct GivenRanges {
  double step;
  std::array<std::array<int, 2>, 3> iterations;  // [min, max] to each level

  friend void PrintTo(const GivenRanges& ranges, std::ostream* out) {
    *out << "c = " << ranges.step;
  }
};

class ExactRank : public ::testing::TestWithParam<GivenRanges> {};

// The ranges are those of three NumPy instances. The count follows sigma_5 / sigma_1 of X*: the
// instances of seeds 1 to 13 between .45 and .49, but for seed 9, whose start is slow to leave a
// saddle, are as well conditioned as those three.
TEST_P(ExactRank, TakesTheGivenNumberOfIterationsOnInstancesOfTheGivenConditioning) {
  ThreadTeam team(2);
  for (const std::uint64_t seed : {7, 8, 10, 13}) {
    const Json results = exact_rank_results(seed, GetParam().step, team);
    const Json& sigma = results["truth_singular_values"];
    const double conditioning = sigma[4].get<double>() / sigma[0].get<double>();
    EXPECT_GE(conditioning, 0.45) << "seed " << seed;
    EXPECT_LE(conditioning, 0.49) << "seed " << seed;
    for (std::size_t level = 0; level < kLevels.size(); ++level) {
      const Json& iterations = results["members"][0]["iterations_to"][kLevels[level]];
      EXPECT_GE(iterations, GetParam().iterations[level][0])
          << "seed " << seed << " to " << kLevels[level];
      EXPECT_LE(iterations, GetParam().iterations[level][1])
          << "seed " << seed << " to " << kLevels[level];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Steps, ExactRank,
                         ::testing::Values(GivenRanges{0.1, {{{106, 140}, {204, 266}, {343, 445}}}},
                                           GivenRanges{0.3, {{{34, 45}, {65, 85}, {108, 141}}}},
                                           GivenRanges{0.4, {{{25, 33}, {48, 62}, {79, 103}}}}),
                         [](const auto& test) {
                           return "c" +
                                  std::to_string(static_cast<int>(test.param.step * 10 + 0.5)) +
                                  "tenths";
                         });

/// Iterations to 1e-10 on a truth of the given condition number, d = 100, r = 5, m = 5000, from the
/// spectral start; nothing when that many were not enough.
std::optional<int> iterations_at(double condition_number, const std::string& rule, std::size_t rank,
                                 std::optional<double> step, std::int64_t most, ThreadTeam& team) {
  SenseConfig config;
  config.instance.condition_number = condition_number;
  config.start = Start::spectral;
  config.rule.name = rule;
  config.rank = rank;
  config.step = step;
  config.iterations = most;
  config.target_error = 1e-10;
  const Json results = results_of(config, team);
  const Json& sigma = results["truth_singular_values"];
  for (int k = 0; k < 5; ++k) {  // evenly spaced
    EXPECT_NEAR(sigma[k].get<double>(), 1 - (1 - 1 / condition_number) * k / 4, 1e-12);
  }
  const Json& iterations = results["members"][0]["iterations_to"]["1e-10"];
  return iterations.is_null() ? std::nullopt : std::optional(iterations.get<int>());
}

TEST(Solvers, ScaledGradientDescentDoesNotSeeTheConditionNumber) {
  ThreadTeam team(2);
  for (const double condition : {1, 10, 100}) {
    const auto iterations = iterations_at(condition, "scaled-gd", 5, 0.35, 100, team);
    ASSERT_TRUE(iterations) << condition;
    EXPECT_GE(*iterations, 40) << condition;
    EXPECT_LE(*iterations, 80) << condition;
  }
}

TEST(Solvers, PreconditionedGradientDescentDoesNotSeeTheConditionNumberWithTooManyColumns) {
  ThreadTeam team(2);
  std::vector<int> iterations;
  for (const double condition : {1, 10, 100}) {
    const auto found = iterations_at(condition, "preconditioned-gd", 10, 0.35, 200, team);
    ASSERT_TRUE(found) << condition;
    iterations.push_back(*found);
  }
  const auto [least, most] = std::ranges::minmax(iterations);
  EXPECT_GE(least, 80);
  EXPECT_LE(most, 140);
  EXPECT_LE(most - least, 10);
}

TEST(Solvers, LimitedMemoryNewtonTakesTensToHundredsOfEvaluations) {
  ThreadTeam team(2);
  int before = 20;
  for (const double condition : {1, 10, 100}) {
    const auto iterations = iterations_at(condition, "lbfgs", 5, std::nullopt, 250, team);
    ASSERT_TRUE(iterations) << condition;
    EXPECT_GT(*iterations, before) << condition;
    EXPECT_LE(*iterations, 200) << condition;
    before = *iterations;
  }
}

TEST(Solvers, GradientDescentSlowsDownWithTheConditionNumber) {
  ThreadTeam team(2);
  const auto easy = iterations_at(1, "gd", 5, 0.4, 500, team);
  ASSERT_TRUE(easy);
  const auto harder = iterations_at(10, "gd", 5, 0.4, 800, team);
  ASSERT_TRUE(harder);
  EXPECT_GT(*harder, 1.5 * *easy);
  EXPECT_FALSE(iterations_at(100, "gd", 5, 0.4, 3 * *harder, team));
}

Json results_from_saddle(std::size_t rank, double alpha, std::int64_t iterations,
                         ThreadTeam& team) {
  const TemporaryFolder folder;
  StudyContext context;
  context.folder = folder.path();
  context.team = &team;
  SenseConfig config;
  config.instance.dimension = 20;
  config.instance.true_rank = 3;
  config.instance.measurements = 1200;
  config.rank = rank;
  config.start = Start::saddle;
  config.alphas = {alpha};
  config.step = 0.2;
  config.iterations = iterations;
  return run_sense(config, context).manifest["results"];
}

TEST(SaddleStart, MissesTheLeastEigenpairAndIsLeft) {
  ThreadTeam team(2);
  for (const std::size_t rank : {3, 5}) {
    const Json start = results_from_saddle(rank, 1e-6, 0, team);
    const Json& sigma = start["truth_singular_values"];
    const Json& member = start["members"][0];
    EXPECT_NEAR(member["distance"], sigma[2].get<double>(), 1e-4) << "only sigma_3 is missing";
    EXPECT_NEAR(member["singular_values"][1], std::sqrt(sigma[1].get<double>()), 1e-4);
    EXPECT_LT(member["singular_values"][2], 1e-4);
    const Json end = results_from_saddle(rank, 1e-6, 1500, team);
    EXPECT_LT(end["members"][0]["relative_error"], 1e-3);
  }
}

class SenseOperator : public ::testing::TestWithParam<double> {};

// Down to where only rounding is left.
TEST_P(SenseOperator, NormalDescendsAsTheMeasurementsDo) {
  ThreadTeam team(2);
  const TemporaryFolder folder;
  StudyContext context;
  context.folder = folder.path();
  context.team = &team;
  SenseConfig config;
  config.instance = {.dimension = 20, .true_rank = 3, .measurements = 630, .noise = GetParam()};
  config.rank = 3;
  config.alphas = {1, 0.1, 0.01};
  config.iterations = 300;
  config.operator_kind = OperatorKind::measurements;
  const Json expected = run_sense(config, context).manifest["results"];
  config.operator_kind = OperatorKind::normal;
  const Json results = run_sense(config, context).manifest["results"];
  EXPECT_EQ(results["operator"]["choice"], "normal");
  for (std::size_t k = 0; k < 3; ++k) {
    const Json& member = results["members"][k];
    const Json& by_measurements = expected["members"][k];
    for (const char* level : kLevels) {
      ASSERT_EQ(member["iterations_to"][level].is_null(),
                by_measurements["iterations_to"][level].is_null());
      if (member["iterations_to"][level].is_null()) continue;
      EXPECT_NEAR(member["iterations_to"][level].get<int>(),
                  by_measurements["iterations_to"][level].get<int>(), 1)
          << k << " to " << level;
    }
    const double loss = member["loss"].get<double>();
    EXPECT_GE(loss, 0);
    EXPECT_NEAR(loss, by_measurements["loss"].get<double>(), 1e-12 * loss + 1e-24);
    EXPECT_EQ(member["iterations_to"]["1e-10"].is_null(), GetParam() > 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Noise, SenseOperator, ::testing::Values(0.0, 0.1),
                         [](const auto& test) { return test.param == 0 ? "none" : "some"; });

}  // namespace
}  // namespace ravine
