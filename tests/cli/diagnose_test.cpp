#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/record/run_record.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class Diagnose : public ::testing::Test {
 protected:
  ProgramResult train(const std::string& name, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {
        "train", "--data", "mnist", "--train-limit", "1280", "--out", (folder_ / name).string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }

  TemporaryFolder folder_;
};

TEST_F(Diagnose, AgreesWithTheManifestOfTheRun) {
  ASSERT_EQ(train("t", {"--hidden", "32,32", "--epochs", "3"}).exit_code, 0);
  const ProgramResult result = run_program({"diagnose", (folder_ / "t").string(), "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(Json::parse(result.out), read_manifest(folder_ / "t")["results"]["diagnosis"]);
}

TEST_F(Diagnose, TellsASickRunByExitCodeAndInWords) {
  ASSERT_EQ(train("s", {"--hidden", "32,32,32,32,32,32,32,32", "--activation", "sigmoid",
                        "--epochs", "2"})
                .exit_code,
            0);
  const ProgramResult result = run_program({"diagnose", (folder_ / "s").string()});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.out, HasSubstr("verdict: vanishing (high confidence"));
  EXPECT_THAT(result.out, HasSubstr("Glorot and Bengio 2010"));
  EXPECT_EQ(result.err, "");
}

TEST_F(Diagnose, DoesNotBlameALossThatTakesNoLogarithmOfZero) {
  const ProgramResult trained = train("b", {"--hidden", "32", "--learning-rate", "1e30"});
  EXPECT_EQ(trained.exit_code, 4) << trained.err;
  const ProgramResult result = run_program({"diagnose", (folder_ / "b").string()});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(trained.out + result.out, Not(HasSubstr("log-probabilities")));
  EXPECT_THAT(result.out, HasSubstr("lower the learning rate"));
}

TEST_F(Diagnose, ReadsTheSignalOfARunThatProbedIt) {
  ASSERT_EQ(train("p", {"--hidden", "32,32,32,32,32,32,32,32,32,32", "--epochs", "2", "--probe",
                        "signal", "updates"})
                .exit_code,
            0);
  const ProgramResult json = run_program({"diagnose", (folder_ / "p").string(), "--json"});
  const Json diagnosis = Json::parse(json.out);
  EXPECT_EQ(diagnosis, read_manifest(folder_ / "p")["results"]["diagnosis"]);
  EXPECT_EQ(diagnosis["verdict"], "vanishing");
  EXPECT_EQ(diagnosis["confidence"], "high");
  // PyTorch's initialisation under ReLU: 1/sqrt(6) of the signal a layer is left.
  EXPECT_NEAR(diagnosis["log10_signal_slope_per_layer"], 0.39, 0.1);
  EXPECT_GT(diagnosis["layers"][0]["update_ratio"], 0.0);
  EXPECT_TRUE(diagnosis["layers"][0]["saturated_share"].is_null());
  const ProgramResult text = run_program({"diagnose", (folder_ / "p").string()});
  EXPECT_THAT(text.out, HasSubstr("backpropagated: first to last"));
}

TEST_F(Diagnose, ReadsTheNormTableOfARunToo) {
  ASSERT_EQ(train("t", {"--hidden", "32,32", "--epochs", "3"}).exit_code, 0);
  const ProgramResult result =
      run_program({"diagnose", (folder_ / "t" / "gradient_norms.csv").string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("3 layers, 3 steps"));
}

TEST_F(Diagnose, NamesWeightDecayThatIsTooStrong) {
  const std::vector<std::string> options = {"--hidden",       "32,32,32", "--activation",    "tanh",
                                            "--init",         "xavier",   "--learning-rate", "0.3",
                                            "--weight-decay", "0.5",      "--epochs",        "6"};
  ASSERT_EQ(train("d", options).exit_code, 0);
  const ProgramResult result = run_program({"diagnose", (folder_ / "d").string()});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.out, HasSubstr("likely cause: weight decay alone leaves"));
  EXPECT_THAT(result.out, HasSubstr("1. lower the weight decay"));
  std::vector<std::string> probed = options;
  probed.insert(probed.end(), {"--probe", "weights"});
  ASSERT_EQ(train("w", probed).exit_code, 0);
  EXPECT_THAT(run_program({"diagnose", (folder_ / "w").string()}).out,
              HasSubstr("likely cause: the weights have shrunk to"));
}

TEST_F(Diagnose, ARunSaysOfItselfWhatDiagnoseSaysOfItsFolder) {
  ASSERT_EQ(train("r", {"--hidden", "32,32,32,32,32,32,32,32", "--bias", "--init-gain", "0.5",
                        "--epochs", "2"})
                .exit_code,
            0);
  const ProgramResult result = run_program({"diagnose", (folder_ / "r").string(), "--json"});
  const Json found = Json::parse(result.out);
  EXPECT_EQ(found, read_manifest(folder_ / "r")["results"]["diagnosis"]);
  EXPECT_EQ(found["verdict"], "vanishing");
  EXPECT_THAT(found["advice"].dump(), Not(HasSubstr("sigmoid"))) << "the network has ReLUs";
}

TEST_F(Diagnose, ANumberOfClassesTellsWhatALossIsWorth) {
  std::string text = "step,loss,a,b\n";
  for (int s = 0; s < 60; ++s) text += fmt::format("{},{},0.1,1\n", s, 2.9 - s * 0.01);
  const std::string table = folder_.file("n.csv", text).string();
  const ProgramResult unseen = run_program({"diagnose", table});
  EXPECT_EQ(unseen.exit_code, 5);
  EXPECT_THAT(unseen.out, HasSubstr("--classes"));
  EXPECT_EQ(run_program({"diagnose", table, "--classes", "10"}).exit_code, 5) << "log 10 = 2.30";
  EXPECT_EQ(run_program({"diagnose", table, "--classes", "16"}).exit_code, 0) << "log 16 = 2.77";
  EXPECT_EQ(run_program({"diagnose", table, "--classes", "1"}).exit_code, 2);
  const ProgramResult of_run = run_program({"diagnose", folder_.path().string(), "--classes", "3"});
  EXPECT_EQ(of_run.exit_code, 2);
  EXPECT_THAT(of_run.err, HasSubstr("--classes: expected a table of norms"));
}

TEST_F(Diagnose, ReadsATableFromStandardInput) {
  const std::string table = folder_.file("n.csv", "step,a,b,time\n1,1,1,5\n2,1,1,6\n").string();
  for (const char* name : {"-", "/dev/stdin"}) {
    const std::string line =
        fmt::format("cat '{}' | '{}' diagnose {}", table, RAVINE_PROGRAM, name);
    Program shell({"-c", line}, {}, "/bin/sh");
    const ProgramResult result = shell.finish();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("2 layers, 2 steps"));
    EXPECT_THAT(result.out, HasSubstr("columns not taken for layers: time\n"));
  }
}

TEST_F(Diagnose, TheJsonNamesWhereNumbersBreakAndColumnsThatAreNoLayers) {
  const std::string table =
      folder_.file("n.csv", "step,loss,a,b,acc\n10,1,1,0,1\n20,nan,inf,0,1\n").string();
  const Json json = Json::parse(run_program({"diagnose", table, "--json"}).out);
  EXPECT_EQ(json["layers"][0]["first_non_finite_step"], 20);
  EXPECT_TRUE(json["layers"][1]["first_non_finite_step"].is_null());
  EXPECT_EQ(json["first_non_finite_loss_step"], 20);
  EXPECT_EQ(json["columns_left_out"], Json::parse(R"(["acc"])"));
  EXPECT_TRUE(json["first_to_last_ratio"].is_null()) << "the norm of b is zero";
  EXPECT_TRUE(json["log10_slope_per_layer"].is_null());
}

TEST_F(Diagnose, NamesInAnyBytesAreShownHarmlessly) {
  const std::string table =
      folder_.file("n.csv", "step,caf\xe9,\x1b[31mred\n1,2,3\n2,2,3\n").string();
  EXPECT_THAT(run_program({"diagnose", table}).out, HasSubstr("\\x1b[31mred"));
  const std::string high = folder_
                               .file("h.csv",
                                     "step,caf\xc3\xa9 \xe2\x80\x93 \xc2\x9b"
                                     "31m,\x9b\x9b"
                                     "b\n1,2,3\n")
                               .string();
  const std::string shown = run_program({"diagnose", high}).out;
  EXPECT_THAT(shown, HasSubstr("caf\xc3\xa9 \xe2\x80\x93 \xc2\\x9b31m"));
  EXPECT_THAT(shown, HasSubstr("\\x9b\\x9bb"));
  const ProgramResult json = run_program({"diagnose", table, "--json"});
  EXPECT_EQ(json.exit_code, 0) << json.err;
  EXPECT_EQ(Json::parse(json.out)["layers"].size(), 2U);
  const std::string bad = folder_.file("b.csv", "\x1b[31m,b\n1,2\n").string();
  EXPECT_THAT(run_program({"diagnose", bad}).err, HasSubstr("\\x1b[31m"));
}

TEST_F(Diagnose, DoubtIsSaidButDoesNotGate) {
  std::string text = "step,layer,gradient_norm,loss\n";
  for (int s = 0; s < 60; ++s) text += fmt::format("{},a,0.5,0.1\n", 1000 + s);
  const ProgramResult late = run_program({"diagnose", folder_.file("n.csv", text).string()});
  EXPECT_EQ(late.exit_code, 0);
  EXPECT_THAT(late.out, HasSubstr("verdict: stuck (low confidence"));
}

TEST_F(Diagnose, SaysNothingWhenQuiet) {
  const auto table = folder_.file("n.csv", "step,a,b\n1,1,1\n2,1,nan\n");
  const ProgramResult result = run_program({"diagnose", table.string(), "--quiet"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_EQ(result.out + result.err, "");
}

TEST_F(Diagnose, JsonOfNormsThatAreNotFiniteIsJson) {
  const auto table = folder_.file("n.csv", "step,a,b\n1,nan,\n2,inf,1\n");
  const ProgramResult result = run_program({"diagnose", table.string(), "--json"});
  EXPECT_EQ(result.exit_code, 5);
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json["verdict"], "exploding");
  EXPECT_EQ(json["healthy"], false);
  EXPECT_TRUE(json["layers"][0]["median_norm"].is_null());
}

TEST_F(Diagnose, RefusesBadTablesInOneLine) {
  const struct {
    const char* content;
    int code;
    const char* text;
  } cases[] = {{"", 3, "an empty file"},
               {"a,b\n1,2\n", 3, "step,layer,gradient_norm"},
               {"step,a\n1,cat\n", 3, "line 2: expected a number in column 'a', got 'cat'"},
               {"step,a\n1,-1\n", 3, "at least 0"},
               {"step,a,b\n1,1\n", 3, "3 cells, got 2"},
               {"step,layer,gradient_norm\n1,a,1\n1,b,1\n2,a,1\n", 3, "layer 'b' at step 2"}};
  for (const auto& c : cases) {
    const auto table = folder_.file("n.csv", c.content);
    const ProgramResult result = run_program({"diagnose", table.string()});
    EXPECT_EQ(result.exit_code, c.code);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(c.text));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }
  EXPECT_EQ(run_program({"diagnose"}).exit_code, 2);
  EXPECT_EQ(run_program({"diagnose", (folder_ / "none.csv").string()}).exit_code, 6);
  EXPECT_EQ(run_program({"diagnose", folder_.path().string()}).exit_code, 3);
}

TEST_F(Diagnose, RefusesRunsOfAnotherKind) {
  ASSERT_EQ(run_program({"sense", "--dimension", "10", "--true-rank", "1", "--measurements", "60",
                         "--rank", "1", "--iterations", "2", "--out", (folder_ / "s").string()})
                .exit_code,
            0);
  const ProgramResult result = run_program({"diagnose", (folder_ / "s").string()});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("a run of kind train, got sense"));
}

TEST_F(Diagnose, TrainingSaysSoWithinTheEpoch) {
  const ProgramResult result = train("s", {"--hidden", "32,32,32,32,32,32,32,32", "--activation",
                                           "sigmoid", "--epochs", "1", "--batch-size", "16"});
  EXPECT_EQ(result.exit_code, 0);
  const auto said = result.err.find("step 10: vanishing: ");
  EXPECT_NE(said, std::string::npos) << result.err;
  EXPECT_LT(said, result.err.find("epoch   1/1"));
  EXPECT_EQ(result.err.find("vanishing", said + 10), std::string::npos) << "said twice";
}

TEST_F(Diagnose, TrainingStopsWhenUnhealthyAndRecordsWhy) {
  const ProgramResult result =
      train("d", {"--hidden", "32,32,32", "--bias", "--learning-rate", "1", "--init", "he",
                  "--epochs", "50", "--stop-when-unhealthy"});
  EXPECT_EQ(result.exit_code, 5) << result.err;
  const RunRecord record = read_run(folder_ / "d");
  EXPECT_EQ(record.text("/termination/reason"), "stopped");
  EXPECT_THAT(record.text("/termination/message"), HasSubstr("stopped at step "));
  EXPECT_LT(record.table("steps.csv").row_count(), 20U);
  EXPECT_EQ(run_program({"diagnose", (folder_ / "d").string(), "--quiet"}).exit_code, 5);
}

TEST_F(Diagnose, HealthyTrainingIsNotStopped) {
  const ProgramResult result =
      train("h", {"--hidden", "32,32", "--init", "he", "--epochs", "4", "--stop-when-unhealthy"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

}  // namespace
}  // namespace ravine::testing
