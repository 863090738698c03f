#include <cmath>
#include <csignal>
#include <filesystem>
#include <numeric>
#include <utility>

#include <fmt/format.h>
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

class Run : public ::testing::Test, protected ProgramRuns {};

TEST_F(Run, VersionAndHelpOfEveryVerbExitWithZero) {
  EXPECT_THAT(run_program({"--version"}).out, HasSubstr("ravine 0."));
  for (const char* verb : {"train", "sense", "landscape", "slice", "sweep", "check", "diagnose",
                           "reproduce", "report", "data"}) {
    const ProgramResult help = run_program({verb, "--help"});
    EXPECT_EQ(help.exit_code, 0) << verb;
    EXPECT_THAT(help.out, HasSubstr("--help")) << verb;
  }
}

TEST_F(Run, TrainWritesEveryFileOfTheRunFolder) {
  const fs::path run_folder = run(kTrain, "t");
  EXPECT_THAT(result_.out, HasSubstr("Total parameters: 39"));
  EXPECT_THAT(result_.out, HasSubstr("verdict: healthy"));
  EXPECT_THAT(result_.err, HasSubstr("epoch   2/2"));
  const RunRecord record = read_run(run_folder);
  EXPECT_EQ(record.table("steps.csv").row_count(), 20U);
  EXPECT_EQ(record.table("epochs.csv").row_count(), 2U);
  EXPECT_THAT(record.table("epochs.csv").columns(),
              ElementsAre("epoch", "train_nll", "test_nll", "test_accuracy", "grad_norm.layer1",
                          "grad_norm.layer2", "grad_norm.layer3", "grad_norm.layer4"));
  EXPECT_EQ(record.table("gradient_norms.csv").row_count(), 8U);
  for (const char* file : {"arrays.npz", "report.html", "figures/loss.svg",
                           "figures/gradient-norms.svg", "figures/gradient-heatmap.svg"}) {
    EXPECT_TRUE(fs::exists(run_folder / file)) << file;
  }
}

TEST_F(Run, TrainsUnderEveryRuleAndRecordsItWithItsOptions) {
  using RuleAtRate = std::pair<std::string, const char*>;
  for (const auto& [rule, rate] :
       {RuleAtRate("sgd", "0.3"), RuleAtRate("momentum", "0.05"), RuleAtRate("nesterov", "0.05"),
        RuleAtRate("adam", "0.003"), RuleAtRate("adamw", "0.003"), RuleAtRate("rmsprop", "0.001"),
        RuleAtRate("adagrad", "0.01")}) {
    const RunRecord record = read_run(
        run(kTrain, rule, {"--rule", rule, "--learning-rate", rate, "--weight-decay", "0.001"}));
    EXPECT_EQ(record.text("/configuration/rule"), rule);
    EXPECT_EQ(record.number("/configuration/weight-decay"), 0.001);
    const std::vector<double> losses = record.table("steps.csv").numbers("loss");
    EXPECT_LT(losses.back(), 0.95 * losses.front()) << rule;
    EXPECT_FALSE(record.has("/results/diagnosis/expected_share"))
        << "what the steps may lower is known for plain descent only";
  }
  for (const char* decay : {"0", "0.001"}) {
    const fs::path folder = run(kTrain, fmt::format("decay-{}", decay), {"--weight-decay", decay});
    const ProgramResult anew = run_program({"diagnose", folder.string(), "--json"});
    const bool is_plain = std::string_view(decay) == "0";
    EXPECT_EQ(read_run(folder).has("/results/diagnosis/expected_share"), is_plain);
    EXPECT_EQ(Json::parse(anew.out)["expected_share"].is_number(), is_plain);
  }
  const RunRecord adam = read_run(run(kTrain, "again", {"--rule", "adam", "--beta1", "0.5"}));
  EXPECT_EQ(adam.number("/configuration/beta1"), 0.5);
  EXPECT_EQ(adam.number("/configuration/beta2"), 0.999);
  EXPECT_EQ(adam.number("/configuration/learning-rate"), 0.001);
}

TEST_F(Run, RecordsNormsBeforeAndAfterClippingUnderASchedule) {
  const fs::path folder =
      run(kTrain, "clipped",
          {"--loss", "mse", "--rule", "momentum", "--clip-norm", "0.05", "--schedule", "cosine",
           "--warm-up", "4", "--learning-rate", "0.2", "--final-learning-rate", "0.1"});
  EXPECT_THAT(result_.err, HasSubstr("test MSE"));
  EXPECT_THAT(result_.out, HasSubstr("clipped: "));
  const RunRecord record = read_run(folder);
  const std::vector<double> rates = record.table("steps.csv").numbers("learning_rate");
  EXPECT_NEAR(rates[0], 0.04, 1e-15);
  EXPECT_EQ(rates[4], 0.2);
  EXPECT_LT(rates[19], 0.101);
  double clipped_steps = 0;
  for (std::size_t t = 0; t < 20; ++t) {
    const auto squared = [&](const std::string& prefix) {
      double sum = 0;
      for (const char* layer : {"layer1", "layer2", "layer3", "layer4"}) {
        sum += std::pow(record.table("steps.csv").numbers(prefix + layer)[t], 2);
      }
      return sum;
    };
    const double before = std::sqrt(squared("grad_norm.")),
                 after = std::sqrt(squared("clipped_norm."));
    EXPECT_NEAR(after, std::min(1.0, 0.05 / (before + 1e-6)) * before, 1e-7);
    clipped_steps += before > after;
  }
  EXPECT_GT(clipped_steps, 0);
  EXPECT_EQ(record.number("/results/clipped_share"), clipped_steps / 20);
  const CsvTable& norms = record.table("gradient_norms.csv");
  EXPECT_LT(norms.numbers("clipped_norm")[0], norms.numbers("gradient_norm")[0]);
  EXPECT_EQ(record.table("epochs.csv").numbers("train_mse").back(),
            record.number("/results/train_mse"));
  EXPECT_FALSE(record.has("/results/diagnosis/expected_share")) << "a clipped step may give less";
}

TEST_F(Run, TrainsAndRecordsDepthsFromOneToAHundred) {
  for (const std::size_t hidden : {0, 1, 2, 9, 99}) {
    std::string widths;
    for (std::size_t l = 0; l < hidden; ++l) widths += l == 0 ? "8" : ",8";
    std::vector<std::string> train = {"train",    "--data", "mnist",        "--train-limit", "2560",
                                      "--epochs", "1",      "--activation", "tanh"};
    if (hidden == 0) train.emplace_back("--no-hidden");
    if (hidden > 0) train.insert(train.end(), {"--hidden", widths});
    if (hidden > 1) train.insert(train.end(), {"--residual", "--normalisation", "layer"});
    const RunRecord record = read_run(run(train, fmt::format("depth{}", hidden + 1)));
    EXPECT_EQ(record.table("gradient_norms.csv").row_count(), hidden + 1);
    const CsvTable& steps = record.table("steps.csv");
    for (std::size_t l = 1; l <= hidden + 1; ++l) {
      for (const double norm : steps.numbers(fmt::format("grad_norm.layer{}", l))) {
        ASSERT_TRUE(std::isfinite(norm) && norm > 1e-4) << "layer " << l << ": " << norm;
      }
    }
    const std::vector<double> losses = steps.numbers("loss");
    ASSERT_EQ(losses.size(), 20U);
    const double first = std::accumulate(losses.begin(), losses.begin() + 5, 0.0);
    EXPECT_LT(std::accumulate(losses.end() - 5, losses.end(), 0.0), first) << hidden;
  }
}

TEST_F(Run, RecordsHowManyImagesWereUsed) {
  const RunRecord record = read_run(run({"train", "--data", "mnist", "--hidden", "8", "--epochs",
                                         "1", "--train-limit", "640", "--test-limit", "100"},
                                        "limited"));
  EXPECT_EQ(record.number("/data/train_count"), 640);
  EXPECT_EQ(record.number("/data/test_count"), 100);
}

TEST_F(Run, RemovesWhatKilledRunsLeftAndNothingThatLives) {
  const std::string out = (folder_ / "t").string();
  const auto partial_folders = [&] {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      if (entry.path().filename().string().starts_with(".t.partial-")) {
        found.push_back(entry.path());
      }
    }
    return found;
  };
  std::vector<std::string> endless = kTrain;
  endless.back() = "100000";  // epochs
  endless.insert(endless.end(), {"--out", out});
  Program killed(endless);
  killed.await_error_output("epoch ");
  killed.send_signal(SIGKILL);
  EXPECT_EQ(killed.finish().exit_code, 128 + SIGKILL);
  const std::vector<fs::path> left = partial_folders();
  ASSERT_EQ(left.size(), 1U);

  Program living(endless);
  living.await_error_output("epoch ");
  const std::vector<fs::path> working = partial_folders();
  ASSERT_EQ(working.size(), 1U) << "the next run removes what the killed one left";
  EXPECT_NE(working, left);
  run(kTrain, "t");
  EXPECT_EQ(partial_folders(), working);
  living.send_signal(SIGINT);
  EXPECT_EQ(living.finish().exit_code, 6) << "the place was taken meanwhile";
  EXPECT_THAT(partial_folders(), ::testing::IsEmpty());
}

TEST_F(Run, RecordsTheParametersOfNormalisationsApart) {
  const RunRecord record = read_run(run(
      kTrain, "t", {"--normalisation", "batch", "--bias", "--dropout", "0.1", "--init", "lsuv"}));
  const std::vector<std::string>& columns = record.table("steps.csv").columns();
  EXPECT_EQ(columns[8], "grad_norm.layer1.bias");
  EXPECT_EQ(columns[12], "grad_norm.norm1.weight");
  EXPECT_EQ(columns.back(), "grad_norm.norm3.bias");
  EXPECT_EQ(record.array("/results/diagnosis/layers").size(), 4U);
  const ProgramResult diagnosis = run_program({"diagnose", (folder_ / "t").string(), "--json"});
  EXPECT_EQ(Json::parse(diagnosis.out)["layers"].size(), 4U) << "gains are no layers";
  EXPECT_THAT(result_.out, HasSubstr("BatchNorm 1"));
  EXPECT_THAT(result_.out, HasSubstr("Dropout 1"));
}

TEST_F(Run, EpochNormsAreMeansOfStepNorms) {
  const RunRecord record = read_run(run(kTrain, "t"));
  const std::vector<double> steps = record.table("steps.csv").numbers("grad_norm.layer2");
  const std::vector<double> epochs = record.table("epochs.csv").numbers("grad_norm.layer2");
  double sum = 0;
  for (std::size_t i = 0; i < 10; ++i) sum += steps[i];
  EXPECT_NEAR(epochs[0], sum / 10, 1e-14);
}

TEST_F(Run, SameSeedGivesSameBytesForAnyNumberOfThreads) {
  const std::vector<std::string> files[] = {
      {"steps.csv", "epochs.csv", "gradient_norms.csv", "arrays.npz"},
      {"trace.csv", "singular_values.csv", "effective_rank.csv", "alignment.csv", "modes.csv",
       "half_times.csv", "arrays.npz"}};
  std::vector<std::string> sense = kSense;
  sense.push_back("--theory");
  const std::vector<std::string> commands[] = {kTrain, sense};
  for (int kind = 0; kind < 2; ++kind) {
    const fs::path first = run(commands[kind], fmt::format("first{}", kind), {"--threads", "1"});
    for (const char* threads : {"1", "2", "3", "4", "8"}) {
      const fs::path other =
          run(commands[kind], fmt::format("other{}-{}", kind, threads), {"--threads", threads});
      for (const std::string& file : files[kind]) {
        EXPECT_EQ(read_file(first / file), read_file(other / file)) << file << ", " << threads;
      }
    }
  }
}

TEST_F(Run, AnotherSeedGivesOtherNumbers) {
  const fs::path first = run(kTrain, "a", {"--seed", "1"});
  const fs::path other = run(kTrain, "b", {"--seed", "2"});
  EXPECT_NE(read_file(first / "steps.csv"), read_file(other / "steps.csv"));
}

TEST_F(Run, JsonPrintsTheManifestAlone) {
  run(kSense, "s", {"--json"});
  const Json manifest = Json::parse(result_.out);
  EXPECT_EQ(manifest["kind"], "sense");
  EXPECT_EQ(manifest["results"]["members"].size(), 3U);
}

TEST_F(Run, QuietPrintsNothing) {
  run(kSense, "s", {"--quiet"});
  EXPECT_EQ(result_.out + result_.err, "");
}

TEST_F(Run, TheCommandLineGoesBeforeTheConfigurationFile) {
  const auto config = folder_.file("c.toml",
                                   "dimension = 12\niterations = 7\nrank = 2\ntrue-rank = 2\n"
                                   "measurements = 60\nalpha = [0.1, 0.01]\nminimum-norm = true\n");
  const RunRecord record =
      read_run(run({"sense", "--config", config.string(), "--iterations", "9"}, "s"));
  EXPECT_EQ(record.number("/configuration/dimension"), 12);
  EXPECT_EQ(record.number("/configuration/iterations"), 9);
  EXPECT_EQ(record.array("/results/members").size(), 2U);
}

TEST_F(Run, DivergingTrainingIsExitCodeFourAndRecorded) {
  const ProgramResult result =
      run_program({"train", "--train-limit", "1280", "--hidden", "32,32", "--epochs", "5",
                   "--learning-rate", "1e6", "--out", (folder_ / "d").string()});
  EXPECT_EQ(result.exit_code, 4) << result.err;
  const RunRecord record = read_run(folder_ / "d");
  EXPECT_EQ(record.text("/results/diagnosis/verdict"), "exploding");
}

TEST_F(Run, InterruptedTrainingKeepsFinishedEpochsAndSaysSo) {
  Program program({"train", "--train-limit", "6400", "--epochs", "100000", "--hidden", "32",
                   "--out", (folder_ / "i").string()});
  program.await_error_output("epoch   2/");
  program.send_signal(SIGINT);
  const ProgramResult result = program.finish();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  const RunRecord record = read_run(folder_ / "i");
  EXPECT_EQ(record.text("/termination/reason"), "interrupted");
  EXPECT_GE(record.table("epochs.csv").row_count(), 2U);
  EXPECT_TRUE(fs::exists(folder_ / "i" / "report.html"));
}

TEST_F(Run, AReportCanBeRebuiltFromRunFoldersAlone) {
  const fs::path train = run(kTrain, "t");
  const fs::path sense = run(kSense, "s");
  const ProgramResult result = run_program(
      {"report", train.string(), sense.string(), "--out", (folder_ / "both.html").string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(read_file(folder_ / "both.html"), HasSubstr("</html>"));
}

}  // namespace
}  // namespace ravine::testing
