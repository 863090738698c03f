#include <filesystem>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/data/npy.hpp"
#include "ravine/data/npz.hpp"
#include "ravine/random/random.hpp"
#include "ravine/record/run_record.hpp"
#include "support/program_runs.hpp"

namespace ravine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class SenseRun : public ::testing::Test, protected ProgramRuns {};

TEST_F(SenseRun, SensesUnderEveryRule) {
  for (const char* rule :
       {"gd", "momentum", "nesterov", "adam", "adagrad", "rmsprop", "line-search",
        "barzilai-borwein", "lbfgs", "scaled-gd", "preconditioned-gd"}) {
    const std::vector<std::string> sense = {
        "sense",    "--dimension", "20", "--true-rank",  "2",  "--measurements", "300", "--start",
        "spectral", "--rank",      "2",  "--iterations", "60", "--rule",         rule};
    const RunRecord record = read_run(run(sense, rule));
    EXPECT_EQ(record.text("/configuration/rule"), rule);
    const std::vector<double> errors = record.table("trace.csv").numbers("relative_error");
    EXPECT_LT(errors.back(), 0.5 * errors.front()) << rule;
    EXPECT_THAT(result_.out, HasSubstr(std::string(rule) + " with eta = "));
  }
}

TEST_F(SenseRun, ComparesDescentWithConvexMethods) {
  const RunRecord record =
      read_run(run({"sense", "--dimension", "20", "--true-rank", "2", "--measurements", "180",
                    "--rank", "20", "--iterations", "10"},
                   "s", {"--minimum-norm", "--trace-minimisation"}));
  EXPECT_LT(record.number("/results/trace_minimisation_relative_error"), 1e-7);
  EXPECT_GT(record.number("/results/minimum_norm_relative_error"), 0.1);
  EXPECT_GT(record.number("/results/trace_minimisation_iterations"), 1);
  EXPECT_TRUE(record.manifest()["results"]["trace_minimisation_converged"].get<bool>());
  EXPECT_GT(record.number("/timing/trace_minimisation_seconds"), 0);
  EXPECT_THAT(result_.out, HasSubstr("trace minimisation: relative error"));
  EXPECT_THAT(result_.out, Not(HasSubstr("not converged")));
}

TEST_F(SenseRun, ConvexMethodsLeaveTheirMatricesWhereNoTruthIsKnown) {
  // 2 x 2, the diagonal entry x_11 = 4 is all that is measured.
  const std::vector<double> rows{1, 0, 0}, values{4};
  write_npy(folder_ / "A.npy", NpyView{{1, 3}, std::span<const double>(rows)});
  write_npy(folder_ / "y.npy", NpyView{{1}, std::span<const double>(values)});
  const fs::path folder =
      run({"sense", "--measurement-file", (folder_ / "A.npy").string(), "--value-file",
           (folder_ / "y.npy").string(), "--rank", "1", "--iterations", "1"},
          "f", {"--minimum-norm", "--trace-minimisation"});
  const auto arrays = read_npz(folder / "arrays.npz");
  for (const char* name : {"X_minimum_norm", "X_trace_minimisation"}) {
    ASSERT_TRUE(arrays.contains(name)) << name;
    const auto& x = std::get<AlignedBuffer<double>>(arrays.at(name).values);
    EXPECT_NEAR(x[0], 4, 1e-7) << name;
    EXPECT_NEAR(x[3], 0, 1e-7) << name;
  }
  EXPECT_FALSE(read_run(folder).has("/results/trace_minimisation_relative_error"));
}

TEST_F(SenseRun, SaysThatTraceMinimisationDidNotConverge) {
  // No semidefinite matrix has x_11 = -1.
  const std::vector<double> rows{1, 0, 0}, values{-1};
  write_npy(folder_ / "A.npy", NpyView{{1, 3}, std::span<const double>(rows)});
  write_npy(folder_ / "y.npy", NpyView{{1}, std::span<const double>(values)});
  const fs::path folder =
      run({"sense", "--measurement-file", (folder_ / "A.npy").string(), "--value-file",
           (folder_ / "y.npy").string(), "--rank", "1", "--iterations", "1"},
          "f", {"--trace-minimisation"});
  EXPECT_THAT(result_.out, HasSubstr("s, not converged"));
  EXPECT_FALSE(read_run(folder).manifest()["results"]["trace_minimisation_converged"].get<bool>());
}

TEST_F(SenseRun, SenseRecordsTheStartAndEveryIterationOfEveryAlpha) {
  const fs::path run_folder = run(kSense, "s");
  const RunRecord record = read_run(run_folder);
  EXPECT_THAT(
      record.table("trace.csv").columns(),
      ElementsAre("iteration", "alpha", "loss", "gradient_norm", "distance", "relative_error"));
  EXPECT_EQ(record.table("trace.csv").row_count(), 3U * 41);
  EXPECT_EQ(record.table("trace.csv").numbers("iteration")[0], 0);
  EXPECT_EQ(record.table("singular_values.csv").row_count(), 3U * 41 * 10);
  EXPECT_EQ(record.table("trace.csv").texts("alpha")[1], "0.01");
  EXPECT_EQ(record.table("effective_rank.csv").row_count(), 3U * 41);
  EXPECT_EQ(record.table("alignment.csv").row_count(), 3U * 41 * 2);
  EXPECT_TRUE(fs::exists(run_folder / "figures/alignment.svg"));
}

TEST_F(SenseRun, ThePopulationLossIsDescendedBesideItsTheory) {
  const fs::path run_folder =
      run({"sense", "--dimension", "20", "--true-rank", "2", "--population", "--start", "aligned",
           "--condition-number", "3", "--rank", "20", "--alpha", "1e-2,1e-4", "--step", "0.1",
           "--iterations", "300", "--theory"},
          "p");
  EXPECT_THAT(result_.out, HasSubstr("population loss of 210 unknowns"));
  const RunRecord record = read_run(run_folder);
  EXPECT_EQ(record.text("/results/operator/choice"), "population");
  EXPECT_LT(record.number("/results/members/1/theory/recursion_deviation"), 1e-13);
  for (const char* figure : {"figures/modes.svg", "figures/half-times.svg"}) {
    EXPECT_TRUE(fs::exists(run_folder / figure)) << figure;
  }
  EXPECT_THAT(read_file(run_folder / "report.html"), HasSubstr("One eigenvalue after the other"));
}

TEST_F(SenseRun, SenseChoosesItsOperatorAndSaysSo) {
  // 300 measurements of 210 unknowns: some hundred iterations repay the normal matrix.
  const fs::path few = run(kSense, "few");
  EXPECT_THAT(result_.out + result_.err, HasSubstr("operator: measurements"));
  EXPECT_EQ(read_run(few).text("/results/operator/choice"), "measurements");
  std::vector<std::string> longer = kSense;
  longer.back() = "3000";
  const fs::path many = run(longer, "many", {"--singular-values", "0"});
  EXPECT_THAT(result_.out + result_.err, HasSubstr("operator: normal"));
  const RunRecord record = read_run(many);
  EXPECT_EQ(record.text("/results/operator/choice"), "normal");
  EXPECT_EQ(record.text("/configuration/operator"), "auto");
  EXPECT_LT(record.number("/results/operator/predicted_seconds/normal"),
            record.number("/results/operator/predicted_seconds/measurements"));
  const fs::path forced = run(kSense, "forced", {"--operator", "normal"});
  EXPECT_EQ(read_run(forced).text("/results/operator/choice"), "normal");
}

TEST_F(SenseRun, TheNormalOperatorGivesTheSameBytesForAnyThreads) {
  const fs::path expected = run(kSense, "1", {"--operator", "normal", "--threads", "1"});
  for (const char* threads : {"2", "3"}) {
    const fs::path other = run(kSense, threads, {"--operator", "normal", "--threads", threads});
    for (const char* file : {"trace.csv", "singular_values.csv", "arrays.npz"}) {
      EXPECT_EQ(read_file(other / file), read_file(expected / file)) << file;
    }
  }
}

TEST_F(SenseRun, TheNormalOperatorDescendsFilesAsTheMeasurementsDo) {
  std::vector<double> rows(60 * 10), values(60);
  RandomStream(3, "rows").fill_normal(std::span(rows));
  for (std::size_t i = 0; i < 60; ++i)
    values[i] = rows[i * 10] + rows[i * 10 + 4];  // X* = diag(1, 1, 0, 0)
  write_npy(folder_ / "A.npy", {{60, 10}, std::span<const double>(rows)});
  write_npy(folder_ / "y.npy", {{60}, std::span<const double>(values)});
  const std::vector<std::string> files = {"sense",
                                          "--measurement-file",
                                          (folder_ / "A.npy").string(),
                                          "--value-file",
                                          (folder_ / "y.npy").string(),
                                          "--rank",
                                          "2",
                                          "--iterations",
                                          "20"};
  const RunRecord direct = read_run(run(files, "m", {"--operator", "measurements"}));
  const RunRecord normal = read_run(run(files, "n", {"--operator", "normal"}));
  const double loss = direct.number("/results/members/0/loss");
  EXPECT_GT(loss, 0);
  EXPECT_NEAR(normal.number("/results/members/0/loss"), loss, 1e-9 * loss);
}

TEST_F(SenseRun, DivergenceOfEveryAlphaIsExitCodeFour) {
  const ProgramResult result = run_program({"sense", "--dimension", "20", "--true-rank", "2",
                                            "--measurements", "300", "--rank", "2", "--alpha", "1",
                                            "--step", "3", "--out", (folder_ / "d").string()});
  EXPECT_EQ(result.exit_code, 4) << result.err;
  const RunRecord record = read_run(folder_ / "d");
  EXPECT_EQ(record.text("/termination/reason"), "diverged");
  EXPECT_TRUE(fs::exists(folder_ / "d" / "report.html"));
}

TEST_F(SenseRun, DivergenceOfOneAlphaStopsItAloneAndIsExitCodeFour) {
  // The large start is beyond the stable step, the small one is not.
  const ProgramResult result =
      run_program({"sense", "--dimension", "20", "--true-rank", "2", "--measurements", "300",
                   "--rank", "20", "--alpha", "10,1e-3", "--step", "0.2", "--iterations", "30",
                   "--out", (folder_ / "d").string()});
  EXPECT_EQ(result.exit_code, 4) << result.err;
  const RunRecord record = read_run(folder_ / "d");
  EXPECT_EQ(record.text("/termination/reason"), "diverged");
  EXPECT_THAT(record.text("/termination/message"),
              ::testing::StartsWith("1 of 2 starts diverged; alpha 10: loss "));
  EXPECT_EQ(record.text("/results/members/0/termination"), "diverged");
  EXPECT_EQ(record.text("/results/members/1/termination"), "max_steps");
  EXPECT_EQ(record.number("/results/members/1/iterations"), 30);
}

}  // namespace
}  // namespace ravine::testing
