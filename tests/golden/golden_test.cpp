#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "ravine/base/file.hpp"
#include "ravine/record/csv_table.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"

// Runs the real program on the inputs of independent implementations (see README.md beside this
// file) and compares what both recorded.

namespace ravine::testing {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(RAVINE_SOURCE_DIR) / "tests" / "golden";

void expect_columns_near(const CsvTable& ours, const CsvTable& golden, double relative_tolerance) {
  ASSERT_EQ(ours.row_count(), golden.row_count());
  for (const std::string& column : golden.columns()) {
    const std::vector<double> expected = golden.numbers(column);
    const std::vector<double> measured = ours.numbers(column);
    for (std::size_t row = 0; row < expected.size(); ++row) {
      EXPECT_NEAR(measured[row], expected[row], relative_tolerance * std::abs(expected[row]))
          << column << ", row " << row;
    }
  }
}

TEST(Golden, FiftyStepsOfMnistTrainingFollowPyTorch) {
  const TemporaryFolder folder;
  const ProgramResult result =
      run_program({"train", "--hidden", "96,64,32", "--initial-weights",
                   (kGolden / "mlp_initial_weights.npz").string(), "--no-shuffle", "--train-limit",
                   "6400", "--epochs", "1", "--out", (folder / "run").string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  expect_columns_near(CsvTable::read(folder / "run" / "steps.csv"),
                      CsvTable::read(kGolden / "mlp_trajectory.csv"), 1e-4);
}

void expect_sensing_follows_numpy(const std::string& name, const std::string& rank) {
  const TemporaryFolder folder;
  const auto file = [&](const std::string& what) { return (kGolden / (name + what)).string(); };
  const nlohmann::json settings = nlohmann::json::parse(read_file(file("_settings.json")));
  const ProgramResult result =
      run_program({"sense", "--measurement-file", file("_A.npy"), "--value-file", file("_y.npy"),
                   "--truth-file", file("_X.npy"), "--initial-file", file("_U0.npy"), "--rank",
                   rank, "--learning-rate", settings["learning_rate"].dump(), "--iterations",
                   settings["iterations"].dump(), "--out", (folder / "run").string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  expect_columns_near(CsvTable::read(folder / "run" / "trace.csv"),
                      CsvTable::read(kGolden / (name + "_trajectory.csv")), 1e-9);
}

TEST(Golden, FiftyIterationsOfSensingFromFullMatricesFollowNumPy) {
  expect_sensing_follows_numpy("sensing", "4");
}

TEST(Golden, FiftyIterationsOfSensingFromSvecRowsFollowNumPy) {
  expect_sensing_follows_numpy("sensing_svec", "4");
}

}  // namespace
}  // namespace ravine::testing
