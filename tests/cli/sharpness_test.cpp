#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/record/run_record.hpp"
#include "support/program_runs.hpp"

namespace ravine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

const std::vector<std::string> kFullBatch = {
    "train", "--data",   "mnist", "--train-limit", "60",   "--test-limit", "40",  "--batch-size",
    "60",    "--hidden", "8",     "--activation",  "tanh", "--loss",       "mse", "--learning-rate",
    "0.3",   "--epochs", "12"};

class Sharpness : public ::testing::Test, protected ProgramRuns {
 protected:
  void expect_refusal(std::vector<std::string> arguments, const std::string& text) {
    arguments.insert(arguments.end(), {"--out", (folder_ / "refused").string()});
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr(text));
  }
};

TEST_F(Sharpness, OfANetworkIsMeasuredEveryNthStepBesideTheEdge) {
  const fs::path folder = run(kFullBatch, "t", {"--sharpness-every", "5", "--spectrum"});
  const RunRecord record = read_run(folder);
  const CsvTable& table = record.table("sharpness.csv");
  EXPECT_THAT(table.columns(), ElementsAre("step", "epoch", "sharpness", "residual", "edge"));
  EXPECT_THAT(table.numbers("step"), ElementsAre(1, 6, 11));
  EXPECT_NEAR(table.numbers("edge")[0], 2 / 0.3, 1e-9);
  const double before = record.number("/results/spectrum/hessian/0/largest");
  EXPECT_NEAR(table.numbers("sharpness")[0], before, 1e-4 * before) << "of the same samples";
  EXPECT_EQ(record.number("/results/sharpness/samples"), 60);
  EXPECT_EQ(record.number("/data/test_count"), 40);
  EXPECT_TRUE(fs::exists(folder / "figures" / "sharpness.svg"));
  EXPECT_THAT(read_file(folder / "report.html"), HasSubstr("edge of stability"));
}

TEST_F(Sharpness, OfAFactorIsMeasuredForEveryStart) {
  const fs::path folder = run(kSense, "s", {"--sharpness-every", "20", "--rule", "momentum"});
  const RunRecord record = read_run(folder);
  const CsvTable& table = record.table("sharpness.csv");
  EXPECT_EQ(table.row_count(), 3U * 3);
  EXPECT_THAT(table.columns(), ElementsAre("iteration", "alpha", "sharpness", "residual", "edge"));
  const double eta = record.number("/results/learning_rate");
  EXPECT_NEAR(table.numbers("edge")[0] * eta, 2 + 2 * 0.9, 1e-9);
  EXPECT_EQ(record.number("/results/members/2/sharpness/measurements"), 3);
  EXPECT_TRUE(fs::exists(folder / "figures" / "sharpness.svg"));
}

TEST_F(Sharpness, ChangesNoByteOfTheRestAndIsTheSameForAnyNumberOfThreads) {
  for (const auto& [verb, others] :
       {std::pair(kFullBatch, std::vector<std::string>{"steps.csv", "epochs.csv", "arrays.npz",
                                                       "gradient_norms.csv"}),
        std::pair(kSense,
                  std::vector<std::string>{"trace.csv", "singular_values.csv", "arrays.npz"})}) {
    const fs::path off = run(verb, verb[0] + "off");
    EXPECT_FALSE(fs::exists(off / "sharpness.csv"));
    std::string first;
    for (const char* threads : {"1", "2", "3"}) {
      const fs::path on =
          run(verb, verb[0] + threads, {"--sharpness-every", "4", "--threads", threads});
      for (const std::string& file : others) {
        EXPECT_EQ(read_file(on / file), read_file(off / file)) << file << ", " << threads;
      }
      const std::string table = read_file(on / "sharpness.csv");
      if (first.empty()) first = table;
      EXPECT_EQ(table, first) << verb[0] << ", " << threads;
    }
  }
}

TEST_F(Sharpness, OfRulesWithoutAnEdgeHasNone) {
  const fs::path folder = run(
      kFullBatch, "a", {"--sharpness-every", "5", "--rule", "adam", "--normalisation", "layer"});
  const RunRecord record = read_run(folder);
  EXPECT_FALSE(record.has("/results/sharpness/edge"));
  EXPECT_GT(record.number("/results/sharpness/last"), 0);
  EXPECT_THAT(read_file(folder / "sharpness.csv"), Not(HasSubstr("nan")));
}

TEST_F(Sharpness, RefusesBadValues) {
  expect_refusal({"train", "--sharpness-every", "-1"}, "sharpness every: expected 0 or more");
  expect_refusal({"sense", "--sharpness-every", "-1"}, "sharpness every: expected 0 or more");
  expect_refusal({"train", "--sharpness-every", "soon"}, "--sharpness-every");
  expect_refusal({"train", "--sharpness-every", "1", "--normalisation", "batch"}, "sharpness");
  expect_refusal({"train", "--test-limit", "-3"}, "--test-limit");
  expect_refusal({"train", "--train-limit", "-3"}, "--train-limit");
}

}  // namespace
}  // namespace ravine::testing
