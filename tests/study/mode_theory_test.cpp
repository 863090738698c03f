#include "ravine/study/mode_theory.hpp"

#include <cmath>
#include <optional>

#include <gtest/gtest.h>

#include "ravine/base/thread_team.hpp"
#include "ravine/record/run_record.hpp"
#include "ravine/study/mode_recorder.hpp"
#include "ravine/study/sense.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using ravine::testing::TemporaryFolder;

/// Iterations of next_size until half of sqrt(lambda), with the fraction of the last one.
double iterations_to_half(double start_size, double eigenvalue, double eta) {
  const double half = std::sqrt(eigenvalue) / 2;
  double size = start_size;
  for (double iteration = 0;; ++iteration) {
    const double next = next_size(size, eigenvalue, eta);
    if (next >= half) return iteration + std::log(half / size) / std::log(next / size);
    size = next;
  }
}

TEST(ModeTheory, TheRecursionBeginsAsThePowerMethodAndEndsAtTheRoot) {
  const double eigenvalue = 2.5, eta = 0.03;
  double size = 1e-9;
  for (std::int64_t t = 1; t <= 100; ++t) {
    size = next_size(size, eigenvalue, eta);
    const double lag = 1 - size / power_size(1e-9, eigenvalue, eta, t);
    EXPECT_GE(lag, -1e-13) << t;
    EXPECT_LE(lag, size * size / (2 * eigenvalue) + 1e-13) << t;
  }
  for (int t = 0; t < 400; ++t) size = next_size(size, eigenvalue, eta);
  EXPECT_NEAR(size, std::sqrt(eigenvalue), 1e-14);
}

TEST(ModeTheory, HalfTimesByTheSizeAreThoseOfTheRecursion) {
  for (const double eta : {0.001, 0.01, 0.05}) {
    for (const double start : {1e-8, 1e-3, 0.1, 0.5}) {
      const double expected = iterations_to_half(start, 2, eta);
      EXPECT_NEAR(half_time_by_size(start, 2, eta), expected, 0.3 + 0.1 * eta * expected)
          << eta << " from " << start;
    }
  }
}

TEST(ModeTheory, HalfTimesByTheScaleAreTheirLeadingOrderForSmallStepsAndStarts) {
  const double eta = 1e-4, sigma = 2;
  double off = 1;
  for (const double alpha : {1e-2, 1e-5, 1e-20, 1e-80}) {
    const double before = off;
    off =
        std::abs(half_time_by_scale(alpha, sigma, eta) / half_time_by_size(alpha, sigma, eta) - 1);
    EXPECT_LT(off, before);
  }
  EXPECT_LT(off, 2e-3);
}

TEST(ModeTheory, HalfTimesOfModesThatHaveBegunAreZeroAndOfThoseThatNeverDoNaN) {
  EXPECT_EQ(half_time_by_size(0.8, 2, 0.1), 0);
  EXPECT_EQ(half_time_by_scale(3, 2, 0.1), 0);
  EXPECT_TRUE(std::isnan(half_time_by_size(0, 2, 0.1)));
  EXPECT_TRUE(std::isnan(half_time_by_size(0.1, -2, 0.1)));
}

TEST(ModeTheory, SuperfluousModesFallAsOneOverTheRootOfTime) {
  const double eta = 0.01;
  double size = 0.5;
  for (int t = 0; t < 100'000; ++t) size = next_size(size, 0, eta);
  EXPECT_NEAR(size * std::sqrt(4 * eta * 100'000), 1, 1e-3);
}

TEST(HalfTime, IsTheFirstIterationWithHalfTheLastSizeOfAModeThatSettled) {
  std::vector<double> sizes = {0, 1, 4, 5, 9};
  sizes.resize(40, 10);
  EXPECT_EQ(half_time(sizes), 3);
  sizes.resize(40, 10);
  sizes.back() = 10.2;
  EXPECT_EQ(half_time(sizes), std::nullopt) << "still moving";
  EXPECT_EQ(half_time(std::vector<double>(5, 0.0)), std::nullopt) << "not there";
  EXPECT_EQ(half_time(std::vector<double>(1, 2.0)), 0);
}

/// A run in d = 30 with eigenvalues 1, 0.6 and 0.2, c = 0.1.
class SenseTheory : public ::testing::Test {
 protected:
  SenseTheory() {
    config_.instance = {.dimension = 30, .true_rank = 3, .measurements = 900};
    config_.instance.condition_number = 5;
    config_.rank = 30;
    config_.step = 0.1;
    config_.iterations = 500;
    config_.alphas = {1e-2, 1e-4};
    config_.theory = true;
  }

  const Json& run() {
    StudyContext context;
    context.folder = folder_.path();
    context.team = &team_;
    outcome_ = run_sense(config_, context);
    return outcome_.manifest["results"]["members"];
  }

  ThreadTeam team_{2};
  TemporaryFolder folder_;
  SenseConfig config_;
  StudyOutcome outcome_;
};

TEST_F(SenseTheory, AlignedModesOfThePopulationLossFollowTheirRecursionExactly) {
  config_.population = true;
  config_.start = Start::aligned;
  for (const Json& member : run()) {
    EXPECT_LT(member["theory"]["recursion_deviation"], 1e-13) << member["alpha"];
    EXPECT_LT(member["relative_error"], 1e-2);
  }
  EXPECT_LT(outcome_.manifest["results"]["members"][1]["theory"]["half_time_deviation"], 0.02);
  EXPECT_FALSE(outcome_.manifest["configuration"].contains("measurements"));
  EXPECT_EQ(outcome_.manifest["results"]["operator"]["choice"], "population");
}

TEST_F(SenseTheory, SmallFactorsFollowThePowerMethodOnTheAdjointAtZero) {
  for (const bool population : {false, true}) {
    config_.population = population;
    for (const Json& member : run()) {
      const Json& theory = member["theory"];
      EXPECT_GE(theory["early_iterations"], member["alpha"] == 1e-2 ? 2 : 20);
      EXPECT_LT(theory["power_deviation"], 0.01) << (population ? "population" : "sampled");
      EXPECT_GT(theory["power_deviation"], 1e-4) << "the phase is no longer than it should be";
    }
  }
}

TEST_F(SenseTheory, TheDeviationFromThePowerMethodFallsAsTheSquareOfTheSizeReached) {
  config_.instance.measurements = 2000;
  config_.iterations = 8;
  config_.alphas = {1e-3, 1e-4};
  const Json& members = run();
  const double large = members[0]["theory"]["power_deviation"];
  const double small = members[1]["theory"]["power_deviation"];
  EXPECT_NEAR(std::log10(large / small), 2, 0.01);
}

TEST_F(SenseTheory, ModesArriveInTheOrderOfTheirEigenvaluesAboutWhenPredicted) {
  config_.population = true;
  config_.alphas = {1e-5};
  run();
  const CsvTable table = CsvTable::read(folder_ / "half_times.csv");
  const std::vector<double> sigma = table.numbers("sigma"), measured = table.numbers("half_time"),
                            by_size = table.numbers("half_time_by_size"),
                            by_scale = table.numbers("half_time_by_scale");
  ASSERT_EQ(sigma.size(), 3U);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(sigma[k], 1 - 0.4 * double(k), 1e-12);
    EXPECT_NEAR(measured[k], by_size[k], 1 + 0.03 * measured[k]) << k;
    EXPECT_NEAR(by_scale[k], std::log(1e5) / (2 * 0.1 * sigma[k]), 1e-9);
    if (k > 0) {
      EXPECT_GT(measured[k], measured[k - 1] + 10);
    }
  }
}

TEST_F(SenseTheory, RecordsTheSizeOfEveryModeAtEveryIteration) {
  config_.iterations = 20;
  run();
  const CsvTable table = CsvTable::read(folder_ / "modes.csv");
  EXPECT_EQ(table.row_count(), 2U * 3 * 21);
  const std::vector<double> size = table.numbers("size"), power = table.numbers("power"),
                            recursion = table.numbers("recursion");
  for (std::size_t row = 0; row < 6; ++row) {
    EXPECT_EQ(size[row], power[row]);
    EXPECT_EQ(size[row], recursion[row]);
  }
}

TEST_F(SenseTheory, EffectiveRankNuclearNormAndAngleTendToThoseOfTheTruth) {
  config_.theory = false;
  config_.alphas = {1e-4};
  config_.iterations = 1500;
  config_.singular_values_every = 1500;
  run();
  const CsvTable ranks = CsvTable::read(folder_ / "effective_rank.csv");
  // Eigenvalues 1, 0.6 and 0.2: shares 5/9, 3/9 and 1/9.
  EXPECT_NEAR(ranks.numbers("nuclear_norm").back(), 1.8, 1e-3);
  EXPECT_NEAR(ranks.numbers("stable_rank").back(), 1.8, 1e-3);
  const double entropy = -(5 * std::log(5.0 / 9) + 3 * std::log(3.0 / 9) + std::log(1.0 / 9)) / 9;
  EXPECT_NEAR(ranks.numbers("entropy_rank").back(), std::exp(entropy), 5e-3);
  const std::vector<double> angles = CsvTable::read(folder_ / "alignment.csv").numbers("angle");
  ASSERT_EQ(angles.size(), 6U);
  EXPECT_GT(angles[2], 0.5) << "a random start points nowhere";
  EXPECT_LT(angles[5], 1e-2);
  EXPECT_GT(angles[5], 0);
}

}  // namespace
}  // namespace ravine
