#include <cmath>
#include <filesystem>
#include <map>
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
namespace fs = std::filesystem;

class Probes : public ::testing::Test, protected ProgramRuns {
 protected:
  /// A run of 2 epochs of 10 steps, with biases.
  fs::path run(const std::string& name, const std::vector<std::string>& more) {
    return ProgramRuns::run({"train", "--data", "mnist", "--train-limit", "1250", "--hidden",
                             "48,32", "--epochs", "2", "--bias"},
                            name, more);
  }
};

/// A column of a long table by layer, in the order of its rows.
std::map<std::string, std::vector<double>> by_layer(const CsvTable& table,
                                                    const std::string& column) {
  std::map<std::string, std::vector<double>> result;
  const std::vector<std::string> layers = table.texts("layer");
  const std::vector<double> values = table.numbers(column);
  for (std::size_t i = 0; i < values.size(); ++i) result[layers[i]].push_back(values[i]);
  return result;
}

TEST_F(Probes, SeeWhatClippingLeavesAndNormalisationsApart) {
  const RunRecord record = read_run(run("n", {"--probe", "all", "--normalisation", "layer",
                                              "--clip-norm", "0.2", "--learning-rate", "0.1"}));
  const CsvTable& steps = record.table("steps.csv");
  auto ratios = by_layer(record.table("layer_steps.csv"), "update_ratio");
  auto norms = by_layer(record.table("layer_steps.csv"), "weight_norm");
  ASSERT_EQ(norms.size(), 4U) << "gains are no layers";
  const std::vector<double> clipped = steps.numbers("clipped_norm.layer2");
  EXPECT_LT(clipped[0], steps.numbers("grad_norm.layer2")[0]);
  for (std::size_t t = 1; t < 20; ++t) {
    EXPECT_NEAR(ratios["layer2"][t], 0.1 * clipped[t - 1] / norms["layer2"][t - 1], 1e-6) << t;
  }
  auto cosines = by_layer(record.table("layer_steps.csv"), "gradient_cosine");
  for (const double cosine : cosines["layer1"]) {
    EXPECT_FALSE(std::abs(cosine) > 1 + 1e-6) << "both gradients are measured after clipping";
  }
}

TEST_F(Probes, WriteARowForEveryLayerAndTheNetworkAtEveryStepAndEpoch) {
  const RunRecord record = read_run(run("all", {"--probe", "all"}));
  const CsvTable& steps = record.table("layer_steps.csv");
  EXPECT_THAT(
      steps.columns(),
      ElementsAre("step", "layer", "signal_rms", "activation_mean", "activation_deviation",
                  "saturated_share", "dead_share", "weight_norm", "update_ratio", "gradient_cosine",
                  "sample_norm_min", "sample_norm_p10", "sample_norm_p50", "sample_norm_p90",
                  "sample_norm_max", "gradient_noise", "noise_scale"));
  EXPECT_EQ(steps.row_count(), 20U * 4);
  EXPECT_EQ(record.table("layer_epochs.csv").row_count(), 2U * 4);
  EXPECT_EQ(record.text("/configuration/probe/0"), "signal");
  const auto quantiles = [&](const char* name) { return by_layer(steps, name); };
  auto low = quantiles("sample_norm_min"), median = quantiles("sample_norm_p50");
  auto high = quantiles("sample_norm_max");
  for (const char* layer : {"layer1", "layer2", "layer3", "network"}) {
    for (std::size_t i = 0; i < 20; ++i) {
      EXPECT_GT(low[layer][i], 0);
      EXPECT_LT(low[layer][i], median[layer][i]);
      EXPECT_LT(median[layer][i], high[layer][i]);
      EXPECT_LE(high[layer][i], high["network"][i] * (1 + 1e-6));
    }
  }
  EXPECT_TRUE(std::isnan(by_layer(steps, "signal_rms")["network"][0]));
  EXPECT_TRUE(std::isnan(by_layer(steps, "dead_share")["layer3"][0])) << "it has no activation";
}

TEST_F(Probes, UpdateRatiosOfPlainDescentAreTheLearningRateTimesTheNorms) {
  const RunRecord record =
      read_run(run("r", {"--probe", "updates,weights,cosine", "--learning-rate", "0.5"}));
  const CsvTable& table = record.table("layer_steps.csv");
  EXPECT_THAT(table.columns(),
              ElementsAre("step", "layer", "weight_norm", "update_ratio", "gradient_cosine"));
  auto ratios = by_layer(table, "update_ratio"), weights = by_layer(table, "weight_norm");
  auto cosines = by_layer(table, "gradient_cosine");
  for (const char* layer : {"layer1", "layer2", "layer3"}) {
    const std::vector<double> gradients =
        record.table("steps.csv").numbers(std::string("grad_norm.") + layer);
    EXPECT_TRUE(std::isnan(ratios[layer][0]) && std::isnan(cosines[layer][0])) << "nothing before";
    for (std::size_t i = 1; i < gradients.size(); ++i) {
      const double expected = 0.5 * gradients[i - 1] / weights[layer][i - 1];
      EXPECT_NEAR(ratios[layer][i], expected, 1e-4 * expected) << layer << ", " << i;
      EXPECT_LE(std::abs(cosines[layer][i]), 1);
    }
  }
}

TEST_F(Probes, UpdateRatiosOfOtherRulesAreMeasured) {
  // The first step of momentum is plain, the next ones are longer; weight decay turns a step.
  const RunRecord momentum =
      read_run(run("m", {"--probe", "updates,weights", "--rule", "momentum"}));
  const RunRecord decay = read_run(run("d", {"--probe", "updates,weights", "--weight-decay", "1"}));
  const auto expected = [](const RunRecord& record, std::size_t i) {
    auto weights = by_layer(record.table("layer_steps.csv"), "weight_norm");
    return 0.01 * record.table("steps.csv").numbers("grad_norm.layer2")[i] / weights["layer2"][i];
  };
  auto ratios = by_layer(momentum.table("layer_steps.csv"), "update_ratio");
  EXPECT_NEAR(ratios["layer2"][1], expected(momentum, 0), 1e-3 * expected(momentum, 0));
  EXPECT_GT(ratios["layer2"][19], 3 * expected(momentum, 18));
  ratios = by_layer(decay.table("layer_steps.csv"), "update_ratio");
  EXPECT_NEAR(ratios["layer2"][1], 0.01, 1e-3) << "the weights themselves, times eta";
}

TEST_F(Probes, EpochRowsAreMeansOverTheSteps) {
  const RunRecord record = read_run(run("r", {"--probe", "signal,cosine"}));
  for (const char* column : {"signal_rms", "gradient_cosine"}) {
    auto steps = by_layer(record.table("layer_steps.csv"), column);
    auto epochs = by_layer(record.table("layer_epochs.csv"), column);
    const std::vector<double>& values = steps["layer2"];
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < 10; ++i) {
      if (std::isnan(values[i])) continue;
      sum += values[i];
      ++count;
    }
    EXPECT_NEAR(epochs["layer2"][0], sum / static_cast<double>(count), 1e-6 * std::abs(sum));
  }
}

TEST_F(Probes, AreTheSameToTheByteForAnyThreadsAndLeaveTheRunAsItIs) {
  const fs::path one = run("one", {"--probe", "all", "--threads", "1"});
  const fs::path two = run("two", {"--probe", "all", "--threads", "2"});
  const fs::path off = run("off", {});
  EXPECT_EQ(read_file(one / "layer_steps.csv"), read_file(two / "layer_steps.csv"));
  EXPECT_EQ(read_file(one / "layer_epochs.csv"), read_file(two / "layer_epochs.csv"));
  EXPECT_EQ(read_file(one / "steps.csv"), read_file(off / "steps.csv"));
  EXPECT_EQ(read_file(one / "arrays.npz"), read_file(off / "arrays.npz"));
  EXPECT_FALSE(fs::exists(off / "layer_steps.csv"));
}

TEST_F(Probes, OfEveryNthStepAreRowsOfTheWholeTable) {
  const CsvTable whole = CsvTable::read(run("whole", {"--probe", "all"}) / "layer_steps.csv");
  const CsvTable some =
      CsvTable::read(run("some", {"--probe", "all", "--probe-every", "7"}) / "layer_steps.csv");
  EXPECT_EQ(some.row_count(), 3U * 4);
  EXPECT_THAT(some.numbers("step"), ::testing::Contains(15.0).Times(4));
  for (const std::string& column : some.columns()) {
    const std::vector<std::string> expected = whole.texts(column), found = some.texts(column);
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i], expected[i / 4 * 28 + i % 4]) << column << ", row " << i;
    }
  }
}

TEST_F(Probes, OfARunThatBlowsUpHaveEmptyCellsAndEnd) {
  const ProgramResult result = run_program(
      {"train", "--data", "mnist", "--train-limit", "1250", "--hidden", "48,32", "--epochs", "1",
       "--learning-rate", "1e30", "--probe", "all", "--out", (folder_ / "x").string()});
  EXPECT_EQ(result.exit_code, 4) << result.err;
  const RunRecord record = read_run(folder_ / "x");
  EXPECT_TRUE(std::isnan(by_layer(record.table("layer_steps.csv"), "signal_rms")["layer1"].back()));
  EXPECT_EQ(record.table("layer_epochs.csv").row_count(), 4U) << "of the unfinished epoch";
}

TEST_F(Probes, SpectraOfNetworksWithSkipsLayerNormalisationAndDropout) {
  const ProgramResult result = run_program({"train",
                                            "--data",
                                            "mnist",
                                            "--train-limit",
                                            "1250",
                                            "--hidden",
                                            "16,16,16",
                                            "--epochs",
                                            "1",
                                            "--residual",
                                            "--normalisation",
                                            "layer",
                                            "--dropout",
                                            "0.2",
                                            "--activation",
                                            "tanh",
                                            "--spectrum",
                                            "--spectrum-samples",
                                            "20",
                                            "--out",
                                            (folder_ / "x").string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const RunRecord record = read_run(folder_ / "x");
  EXPECT_EQ(record.table("weight_spectrum.csv").row_count(), 2U * (16 + 16 + 16 + 10));
  EXPECT_GT(record.number("/results/spectrum/hessian/1/largest"), 0);
  EXPECT_EQ(record.table("loss_slice.csv").row_count(), 25U * 25);
}

TEST_F(Probes, SpectraOfARunThatBlowsUpEndWithIt) {
  const ProgramResult result =
      run_program({"train", "--data", "mnist", "--train-limit", "1250", "--hidden", "48,32",
                   "--epochs", "1", "--learning-rate", "1e30", "--spectrum", "--spectrum-samples",
                   "20", "--out", (folder_ / "x").string()});
  EXPECT_EQ(result.exit_code, 4) << result.err;
  const RunRecord record = read_run(folder_ / "x");
  EXPECT_EQ(record.table("hessian.csv").row_count(), 2U);
  EXPECT_EQ(record.table("loss_slice.csv").row_count(), 0U);
}

TEST_F(Probes, SpectraAreThoseOfTheWeightsAndTheLossIsThatOfTheMiddleOfTheSlice) {
  const fs::path folder = run("s", {"--spectrum", "--spectrum-samples", "100"});
  const RunRecord record = read_run(folder);
  const CsvTable& weights = record.table("weight_spectrum.csv");
  EXPECT_EQ(weights.row_count(), 3U * (48 + 32 + 10)) << "before training and after two epochs";
  EXPECT_EQ(record.table("jacobian_spectrum.csv").row_count(), 3U * 10);
  const CsvTable& slice = record.table("loss_slice.csv");
  EXPECT_EQ(slice.row_count(), 25U * 25);
  const std::vector<double> losses = slice.numbers("loss");
  EXPECT_EQ(slice.numbers("x")[312], 0);
  EXPECT_EQ(slice.numbers("y")[312], 0);
  EXPECT_NEAR(losses[312], 2.3, 0.1) << "hardly trained";
  // The squared singular values of a matrix add up to its squared norm.
  const RunRecord norms = read_run(run("n", {"--probe", "weights"}));
  const double norm = by_layer(norms.table("layer_steps.csv"), "weight_norm")["layer2"].front();
  const std::vector<double> epochs = weights.numbers("epoch"), values = weights.numbers("value");
  const std::vector<std::string> layers = weights.texts("layer");
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (epochs[i] == 0 && layers[i] == "layer2") sum += values[i] * values[i];
  }
  EXPECT_NEAR(std::sqrt(sum), norm, 1e-6 * norm);
  for (const char* at : {"/results/spectrum/hessian/0", "/results/spectrum/hessian/1"}) {
    const double largest = record.number(std::string(at) + "/largest");
    EXPECT_GT(largest, 0);
    EXPECT_LT(record.number(std::string(at) + "/largest_residual"), 1e-3 * largest);
    EXPECT_LT(record.number(std::string(at) + "/smallest"), 0) << "no minimum yet";
  }
  EXPECT_EQ(record.table("hessian.csv").row_count(), 4U);
  for (const char* figure : {"spectra.svg", "loss-slice.svg"}) {
    EXPECT_TRUE(fs::exists(folder / "figures" / figure)) << figure;
  }
  EXPECT_THAT(read_file(folder / "report.html"), HasSubstr("largest Hessian eigenvalue"));
}

}  // namespace
}  // namespace ravine::testing
