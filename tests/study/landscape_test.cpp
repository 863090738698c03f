#include "ravine/study/landscape.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/data/npz.hpp"
#include "ravine/record/run_record.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using ravine::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// One run with its record.
struct LandscapeRun {
  explicit LandscapeRun(const LandscapeConfig& config, int threads = 1)
      : team(threads), outcome(run_landscape(config, context())), record(read_run(folder.path())) {}

  StudyContext context() {
    StudyContext context;
    context.folder = folder.path();
    context.name = "landscape";
    context.team = &team;
    return context;
  }
  // A column of points.csv for one kind of loss, by point.
  std::map<std::string, double> numbers(const std::string& kind, const std::string& column) const {
    const CsvTable& table = record.table("points.csv");
    const auto kinds = table.texts("loss_kind");
    const auto points = table.texts("point");
    const auto values = table.numbers(column);
    std::map<std::string, double> chosen;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      if (kinds[i] == kind) chosen[points[i]] = values[i];
    }
    return chosen;
  }

  TemporaryFolder folder;
  ThreadTeam team;
  StudyOutcome outcome;
  RunRecord record;
};

LandscapeConfig small_config(std::size_t rank) {
  LandscapeConfig config;
  config.dimension = 12;
  config.true_rank = rank;
  config.starts = 2;
  config.critical_starts = 0;
  config.slice_points = 0;
  return config;
}

TEST(Landscape, OfRankOneIsAsTheProblemSetProves) {
  const LandscapeRun run(small_config(1));
  EXPECT_EQ(run.outcome.termination, Termination::converged);
  const double square = run.record.number("/results/sigma_1");  // |u*|^2
  const auto smallest = run.numbers("population", "smallest_eigenvalue");
  const auto largest = run.numbers("population", "largest_eigenvalue");
  EXPECT_NEAR(smallest.at("0"), -2 * square, 1e-10 * square);
  EXPECT_NEAR(largest.at("0"), 0, 1e-10 * square);
  for (const std::string minimum : {"+u*", "-u*", "descent 1", "descent 2"}) {
    EXPECT_NEAR(smallest.at(minimum), 2 * square, 1e-6 * square) << minimum;
    EXPECT_NEAR(largest.at(minimum), 4 * square, 1e-6 * square) << minimum;
  }
  EXPECT_THAT(
      run.record.table("points.csv").texts("verdict"),
      ElementsAre("strict saddle", "minimum", "minimum", "not critical", "minimum", "minimum",
                  "strict saddle", "minimum", "minimum", "not critical", "minimum", "minimum"));
  EXPECT_EQ(run.record.number("/results/points"), 12);
  EXPECT_EQ(run.record.number("/results/agree"), 12);
}

TEST(Landscape, OfHigherRankHasSaddlesBetweenZeroAndTheTruth) {
  for (const std::size_t rank : {2, 3}) {
    const LandscapeRun run(small_config(rank));
    const std::vector<double> sigma = run.record.numbers("/results/truth_singular_values");
    ASSERT_EQ(sigma.size(), rank);
    const auto smallest = run.numbers("population", "smallest_eigenvalue");
    const auto largest = run.numbers("population", "largest_eigenvalue");
    EXPECT_NEAR(smallest.at("+U*"), 0, 1e-9 * sigma[0]);
    EXPECT_NEAR(largest.at("+U*"), 4 * sigma[0], 1e-9 * sigma[0]);
    for (std::size_t k = 1; k < rank; ++k) {
      const std::string name = "best rank " + std::to_string(k);
      EXPECT_NEAR(smallest.at(name), -2 * sigma[k], 1e-9 * sigma[0]);
      EXPECT_NEAR(largest.at(name), 4 * sigma[0], 1e-9 * sigma[0]);
      // The sampled loss has a saddle of its own near by: critical, and as far from the truth.
      EXPECT_LE(run.numbers("sampled", "relative_gradient_norm").at(name), 1e-8);
      EXPECT_LT(run.numbers("sampled", "smallest_eigenvalue").at(name), -sigma[k]);
      EXPECT_NEAR(run.numbers("sampled", "distance_to_truth").at(name),
                  run.numbers("population", "distance_to_truth").at(name), 0.3 * sigma[k]);
    }
    EXPECT_TRUE(run.record.array("/results/disagreeing").empty())
        << run.record.array("/results/disagreeing");
  }
}

TEST(Landscape, OfTheSampledLossIsExactlyCriticalAtZeroAndTheTruth) {
  const LandscapeRun run(small_config(2));
  const auto gradient = run.numbers("sampled", "relative_gradient_norm");
  EXPECT_EQ(gradient.at("0"), 0);
  EXPECT_LT(gradient.at("+U*"), 1e-14);
  EXPECT_LT(run.numbers("sampled", "loss").at("-U*"), 1e-20);
  EXPECT_GT(gradient.at("random"), 1e-2);
  EXPECT_LT(run.numbers("sampled", "distance_to_truth").at("descent 1"), 1e-5);
}

TEST(Landscape, OfTheSampledLossApproachesThePopulationsWithMoreMeasurements) {
  LandscapeConfig config = small_config(2);
  config.starts = 0;
  config.dimension = 6;
  config.measurements = 200;
  const double few = LandscapeRun(config).record.number("/results/sampled_eigenvalue_deviation");
  config.measurements = 20'000;
  const LandscapeRun many(config);
  EXPECT_LT(many.record.number("/results/sampled_eigenvalue_deviation"), 0.3 * few);
  EXPECT_LT(many.record.number("/results/population_eigenvalue_deviation"), 1e-10);
}

TEST(Landscape, MeasuresWithinTheRangesItWrites) {
  const LandscapeRun run(small_config(1));
  for (const std::string kind : {"population", "sampled"}) {
    for (const std::string end : {"smallest", "largest"}) {
      const auto measured = run.numbers(kind, end + "_eigenvalue");
      const auto low = run.numbers(kind, end + "_low");
      const auto high = run.numbers(kind, end + "_high");
      for (const std::string point : {"0", "+u*", "-u*", "descent 1"}) {
        EXPECT_GE(measured.at(point), low.at(point)) << kind << point;
        EXPECT_LE(measured.at(point), high.at(point)) << kind << point;
        EXPECT_LT(run.numbers(kind, end + "_residual").at(point), 1e-6);
      }
    }
  }
  EXPECT_THAT(run.record.table("points.csv").texts("agrees"), Each("yes"));
}

TEST(Landscape, SaysWhichPointsDisagreeWhenThereAreTooFewMeasurements) {
  LandscapeConfig config = small_config(1);
  config.measurements = 6;  // for twelve unknowns
  const LandscapeRun run(config);
  EXPECT_LT(run.record.number("/results/agree"), run.record.number("/results/points"));
  EXPECT_THAT(run.record.array("/results/disagreeing").get<std::vector<std::string>>(),
              Contains("sampled descent 1"));
  EXPECT_THAT(run.record.table("points.csv").texts("agrees"), Contains("no"));
}

TEST(Landscape, KeepsEveryPoint) {
  LandscapeConfig config = small_config(2);
  config.critical_starts = 3;
  const LandscapeRun run(config);
  const auto arrays = read_npz(run.folder / "arrays.npz");
  EXPECT_EQ(arrays.size(), run.record.table("points.csv").row_count() +
                               run.record.table("critical_points.csv").row_count() + 1);
  EXPECT_EQ(arrays.at("critical.population.1").shape, (std::vector<std::size_t>{12, 2}));
  EXPECT_EQ(arrays.at("point.sampled.best rank 1").shape, (std::vector<std::size_t>{12, 2}));
  EXPECT_EQ(arrays.at("X_true").shape, (std::vector<std::size_t>{12, 12}));
}

TEST(Landscape, IsTheSameBytesForAnyNumberOfThreads) {
  LandscapeConfig config = small_config(2);
  config.critical_starts = 6;
  config.slice_points = 5;
  config.slice_draws = 2;
  const LandscapeRun one(config, 1);
  const LandscapeRun three(config, 3);
  for (const char* file : {"points.csv", "critical_points.csv", "critical_list.csv", "escape.csv",
                           "slices.csv", "slice_paths.csv", "slice_deviation.csv", "arrays.npz"}) {
    EXPECT_EQ(read_file(one.folder / file), read_file(three.folder / file)) << file;
  }
}

TEST(Landscape, IsDescendedToTheTruthBelowHalfAStepOverSigmaOneOnly) {
  LandscapeConfig config = small_config(1);
  config.iterations = 500;
  for (const double step : {0.45, 0.55}) {
    config.step = step;
    const LandscapeRun run(config);
    for (const Json& descent : run.record.array("/results/descents")) {
      if (descent["loss_kind"] != "population") continue;
      EXPECT_EQ(descent["termination"], step < 0.5 ? "converged" : "max_steps") << step;
    }
  }
}

TEST(Landscape, ReportsDescentsThatDiverge) {
  LandscapeConfig config = small_config(1);
  config.step = 3;
  const LandscapeRun run(config);
  EXPECT_EQ(run.outcome.termination, Termination::diverged);
  EXPECT_EQ(run.record.text("/results/descents/0/termination"), "diverged");
}

TEST(Landscape, HasDivergedWhenOneOfItsDescentsDid) {
  LandscapeConfig config = small_config(2);
  config.step = 1;
  config.iterations = 10;
  const LandscapeRun run(config);
  std::vector<std::string> ended;
  for (const Json& descent : run.record.array("/results/descents")) {
    ended.push_back(descent["termination"]);
  }
  EXPECT_THAT(ended, AllOf(Contains("diverged"), Contains("max_steps")));
  EXPECT_EQ(run.outcome.termination, Termination::diverged);
  EXPECT_THAT(run.record.text("/termination/message"), HasSubstr("diverged"));
}

TEST(Landscape, ReportsDescentsThatReachTheIterationLimit) {
  LandscapeConfig config = small_config(1);
  config.iterations = 3;
  const LandscapeRun run(config);
  EXPECT_EQ(run.outcome.termination, Termination::max_steps);
  EXPECT_THAT(run.record.text("/termination/message"),
              HasSubstr("of 4 descents 0 converged, 4 reached the iteration limit, 0 diverged"));
}

TEST(Landscape, KeepsThePointsThatWereDoneWhenInterrupted) {
  TemporaryFolder folder;
  ThreadTeam team(1);
  StudyContext context;
  context.folder = folder.path();
  context.team = &team;
  int lines = 0;
  context.line = [&](const std::string&) { ++lines; };
  context.interrupted = [&] { return lines == 3; };
  const StudyOutcome outcome = run_landscape(small_config(1), context);
  EXPECT_EQ(outcome.termination, Termination::interrupted);
  EXPECT_EQ(read_run(folder.path()).table("points.csv").row_count(), 3u);
}

TEST(Landscape, NamesEveryOptionOutOfRange) {
  LandscapeConfig config;
  config.dimension = 0;
  config.true_rank = 3;
  config.starts = 1000;
  config.iterations = 0;
  config.step = std::nan("");
  config.critical_starts = 1'000'000;
  config.slice_points = 2;
  config.slice_draws = 5000;
  EXPECT_THAT(ravine::testing::error_of<ConfigError>([&] { check(config); }),
              AllOf(HasSubstr("dimension"), HasSubstr("true rank"), HasSubstr("starts"),
                    HasSubstr("iterations"), HasSubstr("step"), HasSubstr("critical starts"),
                    HasSubstr("slice points"), HasSubstr("slice draws")));
  LandscapeConfig absurd;
  absurd.measurements = std::size_t{1} << 60;
  EXPECT_THAT(ravine::testing::error_of<ConfigError>([&] { check(absurd); }),
              HasSubstr("measurements: expected at most"));
  EXPECT_NO_THROW(check(LandscapeConfig{}));
}

}  // namespace
}  // namespace ravine
