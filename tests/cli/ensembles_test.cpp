#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/data/npy.hpp"
#include "ravine/data/npz.hpp"
#include "ravine/objective/random_ensemble.hpp"
#include "ravine/record/run_record.hpp"
#include "support/program_runs.hpp"
#include "support/vectors.hpp"

namespace ravine::testing {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class SenseBy : public ::testing::TestWithParam<Named<EnsembleKind>>, protected ProgramRuns {
 protected:
  fs::path run(const std::string& name, const std::vector<std::string>& more) {
    return ProgramRuns::run({"sense", "--ensemble", std::string(GetParam().name)}, name, more);
  }
};

INSTANTIATE_TEST_SUITE_P(Ensemble, SenseBy, ::testing::ValuesIn(kEnsembles), [](const auto& test) {
  std::string name(test.param.name);
  std::erase(name, '-');
  return name;
});

TEST_P(SenseBy, RecoversTheTruthFromEnoughMeasurements) {
  // 230 of 300 unknowns, of which a matrix of rank 2 has 47 degrees of freedom.
  const RunRecord record =
      read_run(run("r", {"--dimension", "24", "--true-rank", "2", "--rank", "2", "--measurements",
                         "230", "--iterations", "1500", "--target-error", "1e-9"}));
  EXPECT_LE(record.number("/results/members/0/relative_error"), 1e-9);
  EXPECT_EQ(record.text("/configuration/ensemble"), GetParam().name);
  EXPECT_THAT(result_.out, HasSubstr("m = 230 " + std::string(GetParam().name) + " measurements"));
  const double scale = record.number("/results/curvature_scale");
  EXPECT_NEAR(record.number("/results/learning_rate"), 0.25 / scale, 1e-12 / scale);
}

TEST_P(SenseBy, GivesTheSameBytesForAnyNumberOfThreads) {
  const std::vector<std::string> options = {
      "--dimension",         "15",      "--true-rank", "2",     "--rank",       "15",
      "--measurements",      "90",      "--alpha",     ".3,.1", "--iterations", "15",
      "--diagnose-operator", "--noise", "0.5"};
  std::string first[3];
  for (const char* threads : {"1", "2", "3"}) {
    std::vector<std::string> more = options;
    more.insert(more.end(), {"--threads", threads});
    const fs::path folder = run(threads, more);
    const std::string texts[] = {read_file(folder / "trace.csv"), read_file(folder / "arrays.npz"),
                                 read_run(folder).manifest()["results"].dump()};
    for (int i = 0; i < 3; ++i) {
      if (first[i].empty()) first[i] = texts[i];
      EXPECT_EQ(texts[i], first[i]) << threads;
    }
  }
}

TEST_P(SenseBy, HasAGradientThatDifferencesConfirm) {
  const ProgramResult result =
      run_program({"check", "gradient", "sense", "--ensemble", std::string(GetParam().name),
                   "--dimension", "12", "--true-rank", "2", "--rank", "3", "--measurements", "60"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("passed"));
}

TEST_P(SenseBy, NoiseMovesTheValuesByItsStandardDeviation) {
  // Descended from 0 = alpha W of no size, the loss at the start is the mean of y^2 / 2.
  const std::vector<std::string> options = {
      "--dimension",        "8", "--true-rank",    "1",  "--rank",  "1",
      "--condition-number", "1", "--measurements", "36", "--alpha", "1e-30",
      "--iterations",       "0"};
  const auto first_loss = [&](const std::string& name, const char* noise) {
    std::vector<std::string> more = options;
    more.insert(more.end(), {"--noise", noise});
    return read_run(run(name, more)).table("trace.csv").numbers("loss")[0];
  };
  const double loss = first_loss("a", "0"), noisy = first_loss("b", "1000");
  EXPECT_LT(loss, 100);
  // 36 squares of N(0, 1e6), halved: a relative standard deviation of sqrt(2 / 36).
  EXPECT_NEAR(noisy, 0.5e6, 4 * 0.5e6 * std::sqrt(2.0 / 36));
}

TEST(CheckGradient, ChecksTheOperatorThatSenseWouldDescendBy) {
  for (const char* measurements : {"50", "200"}) {  // of 55 unknowns
    const ProgramResult result =
        run_program({"check", "gradient", "sense", "--dimension", "10", "--rank", "3", "--operator",
                     "normal", "--measurements", measurements});
    EXPECT_EQ(result.exit_code, 0) << result.err;
  }
}

TEST(CheckGradient, RefusesOptionsThatDoNotChangeTheGradient) {
  const std::vector<std::string> of_descent[] = {
      {"sense", "--alpha", "0.5"},       {"sense", "--start", "spectral"},
      {"sense", "--initial-file", "no"}, {"sense", "--iterations", "3"},
      {"sense", "--minimum-norm"},       {"train", "--epochs", "2"},
      {"train", "--rule", "adam"},       {"train", "--weight-decay", "0.1"},
      {"train", "--tensorboard", "no"},  {"train", "--clip-norm", "1"}};
  for (const std::vector<std::string>& options : of_descent) {
    std::vector<std::string> arguments = {"check", "gradient"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.exit_code, 2) << options[1];
    EXPECT_THAT(result.err, HasSubstr("got " + options[1]));
  }
}

TEST(SenseByRankOne, DescendsByTheNormalOperatorAsByTheVectors) {
  TemporaryFolder folder;
  std::vector<double> losses;
  for (const char* kind : {"auto", "measurements", "normal"}) {
    const ProgramResult result =
        run_program({"sense", "--ensemble", "rank-one", "--dimension", "10", "--true-rank", "2",
                     "--rank", "2", "--measurements", "200", "--iterations", "20", "--operator",
                     kind, "--out", (folder / kind).string()});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const RunRecord record = read_run(folder / kind);
    losses.push_back(record.number("/results/members/0/loss"));
    EXPECT_FALSE(record.has("/results/operator/predicted_seconds/measurements"));
  }
  EXPECT_EQ(losses[0], losses[1]);
  EXPECT_NE(losses[1], losses[2]);
  EXPECT_NEAR(losses[1], losses[2], 1e-9 * losses[1]);
}

TEST(SenseByRankOne, RetrievesASignalFromTheUsersVectors) {
  constexpr std::size_t d = 12, m = 120;
  TemporaryFolder folder;
  const std::vector<double> vectors = normals(m * d, "a"), signal = normals(d, "x");
  std::vector<double> values(m);
  for (std::size_t i = 0; i < m; ++i) {
    double product = 0;
    for (std::size_t j = 0; j < d; ++j) product += vectors[i * d + j] * signal[j];
    values[i] = product * product;
  }
  write_npy(folder / "a.npy", NpyView{{m, d}, std::span<const double>(vectors)});
  write_npy(folder / "y.npy", NpyView{{m}, std::span<const double>(values)});
  const ProgramResult result = run_program(
      {"sense", "--ensemble", "rank-one", "--measurement-file", (folder / "a.npy").string(),
       "--value-file", (folder / "y.npy").string(), "--rank", "1", "--start", "spectral",
       "--iterations", "2000", "--out", (folder / "run").string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto arrays = read_npz(folder / "run" / "arrays.npz");
  const auto& u = std::get<AlignedBuffer<double>>(arrays.at("U.1").values);
  const double sign = u[0] * signal[0] > 0 ? 1 : -1;
  for (std::size_t j = 0; j < d; ++j) EXPECT_NEAR(sign * u[j], signal[j], 1e-9);
}

TEST(DiagnoseOperator, PrintsIsometryAndConditionBesideTheory) {
  TemporaryFolder folder;
  const ProgramResult result =
      run_program({"sense", "--dimension", "20", "--true-rank", "2", "--measurements", "840",
                   "--iterations", "1", "--diagnose-operator", "--out", (folder / "r").string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("over 200 random X of rank 4 and norm 1, so delta_4 >= 0."));
  EXPECT_THAT(result.out, HasSubstr("; theory 1 +- 0.0488 for one X"));
  EXPECT_THAT(result.out, HasSubstr("; theory 0.5 to 1.5"));  // sqrt(210 / 840) = 1/2
  const RunRecord record = read_run(folder / "r");
  const std::string values = "/results/operator_diagnosis/singular_values/";
  EXPECT_TRUE(record.manifest()["results"]["operator_diagnosis"]["singular_values"]["converged"]
                  .get<bool>());
  EXPECT_NEAR(record.number(values + "smallest/value"), 0.5, 0.05);
  EXPECT_NEAR(record.number(values + "largest/value"), 1.5, 0.05);
  EXPECT_LE(record.number(values + "largest/low"), record.number(values + "largest/value"));
  const double delta = record.number("/results/operator_diagnosis/isometry/delta_lower_bound");
  EXPECT_GT(delta, std::sqrt(2.0 / 840));
  EXPECT_LT(delta, 5 * std::sqrt(2.0 / 840));
}

TEST(DiagnoseOperator, KnowsThatObservedEntriesAreAllOfOneLength) {
  TemporaryFolder folder;
  const ProgramResult result = run_program(
      {"sense", "--ensemble", "entries", "--dimension", "20", "--true-rank", "2", "--measurements",
       "105", "--iterations", "1", "--diagnose-operator", "--out", (folder / "r").string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const RunRecord record = read_run(folder / "r");
  EXPECT_NEAR(record.number("/results/operator_diagnosis/condition/value"), 1, 1e-9);
  EXPECT_NEAR(record.number("/results/operator_diagnosis/singular_values/largest/value"),
              std::sqrt(2.0), 1e-9);
}

}  // namespace
}  // namespace ravine::testing
