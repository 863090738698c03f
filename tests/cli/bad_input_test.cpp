#include "cli/bad_input.hpp"

#include <fstream>

#include "ravine/data/npz.hpp"
#include "support/tiny_dataset.hpp"

namespace ravine::testing {
namespace {

using ::testing::HasSubstr;

TEST_F(BadInput, UnknownVerbFlagAndValueAreUsageErrors) {
  const ProgramResult none = run_program({});
  EXPECT_EQ(none.exit_code, kUsage);
  EXPECT_THAT(none.err, HasSubstr("got none; hint: ravine --help"));
  EXPECT_THAT(run_program({"trian", "--epochs", "1"}).err,
              HasSubstr("expected one of reproduce, train, sense"));
  EXPECT_THAT(run_program({"check", "gradients"}).err,
              HasSubstr("expected one of gradient, got gradients; hint: ravine check --help"));
  expect_refusal({"train", "--depth", "3"}, kUsage, {"--depth", "ravine train --help"});
  expect_refusal({"reproduce", "--full", "--experiment", "a.toml"}, kUsage,
                 {"--experiment", "--full"});
  expect_refusal({"train", "--epochs", "many"}, kUsage, {"--epochs", "many"});
  expect_refusal({"train", "--activation", "swish"}, kUsage,
                 {"swish", "identity", "relu", "leaky-relu", "elu", "selu", "gelu", "silu", "tanh",
                  "sigmoid", "softplus"});
  expect_refusal({"train", "--init", "kaiming"}, kUsage,
                 {"kaiming", "torch", "lecun", "xavier-uniform", "xavier-normal", "he-uniform",
                  "he-normal", "orthogonal", "normal", "zero"});
}

TEST_F(BadInput, WholeNumbersAreTakenExactlyOrRefused) {
  expect_refusal({"sense", "--seed", "-1"}, kUsage,
                 {"--seed: expected a whole number, 0 or more, got -1; hint: ravine sense --help"});
  expect_refusal({"sense", "--seed", "99999999999999999999"}, kUsage,
                 {"--seed: expected a number of 64 bits, got 99999999999999999999"});
  expect_refusal({"sense", "--dimension", "-3"}, kUsage, {"--dimension:", "0 or more, got -3"});
  expect_refusal({"sense", "--dimension", "0x10"}, kUsage, {"got 0x10"});
  expect_refusal({"sense", "--iterations", "99999999999999999999"}, kUsage, {"--iterations:"});
  expect_refusal({"landscape", "--starts", "2.5"}, kUsage, {"--starts:", "got 2.5"});
  const auto file = files_.file("a.toml", "seed = -1\n");
  expect_refusal({"sense", "--config", file.string()}, kUsage, {"--seed:", "got -1"});
  const auto grid = files_.file("g.toml", "dimension = [-3, 40]\n");
  expect_refusal({"sweep", grid.string()}, kUsage, {"--dimension:", "got -3"});
}

TEST_F(BadInput, ValuesThatAreMissingOrEmptyTakeNoOption) {
  expect_refusal({"train", "--epochs", "1", "--stream", "--force"}, kUsage,
                 {"--stream: expected a value, got another option; hint: --stream=--force"});
  expect_refusal({"train", "--stream", "--seed=3"}, kUsage, {"--stream: expected a value"});
  expect_refusal({"train", "--initial-weights", ""}, kUsage,
                 {"--initial-weights: expected a value, got an empty one"});
  expect_refusal({"sense", "--alpha", "0.1,,0.2"}, kUsage,
                 {"--alpha: expected values without gaps, got 0.1,,0.2"});
  expect_refusal({"train", "--probe=signal,"}, kUsage, {"--probe: expected values without gaps"});
  for (const auto& [text, part] :
       {std::pair("epochs = true\n", "epochs: expected a number, a text or an array"),
        std::pair("epochs = false\n", "got false"), std::pair("quiet = 1\n", "true or false"),
        std::pair("epochs = 1\ndata = \"\"\n", "line 2, data: expected a value, got an empty")}) {
    const auto file = files_.file("a.toml", text);
    expect_refusal({"train", "--config", file.string()}, kUsage, {"a.toml line", part});
  }
}

TEST_F(BadInput, HelpForAVerbThatIsNoneIsAUsageError) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"study", "--help"}, std::vector<std::string>{"help", "train"}}) {
    const ProgramResult result = run_program(words);
    EXPECT_EQ(result.exit_code, kUsage);
    EXPECT_THAT(result.err, HasSubstr("expected one of reproduce, train"));
  }
}

TEST_F(BadInput, OutputsInsideTheRunFolderAreRefused) {
  const std::string out = (runs_ / "out").string();
  expect_refusal({"train", "--tensorboard", out + "/events"}, kUsage,
                 {"tensorboard", "a place outside the run folder"});
  expect_refusal({"train", "--stream", out + "/../out/steps"}, kUsage, {"[stream]"});
  expect_refusal({"train", "--stream", out}, kUsage, {"[stream]"});
}

TEST_F(BadInput, ReportsReplaceReportsOnly) {
  const ProgramResult made =
      run_program({"sense", "--dimension", "6", "--measurements", "40", "--rank", "2",
                   "--true-rank", "1", "--iterations", "3", "--out", (files_ / "s").string()});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const std::string run = (files_ / "s").string(), page = (files_ / "r.html").string();
  const std::string precious = files_.file("p.txt", "precious").string();
  expect_refusal({"report", run, "--out", precious}, kInputOutput, {"--force replaces"});
  expect_refusal({"report", run, "--out", precious, "--force"}, kInputOutput,
                 {"expected an older report to replace"});
  EXPECT_EQ(std::ifstream(precious).peek(), 'p');
  const std::string long_name = (files_ / std::string(300, 'a')).string();
  expect_refusal({"report", run, "--out", long_name}, kInputOutput, {"aaa", "File name too long"});
  EXPECT_EQ(run_program({"report", run, "--out", page}).exit_code, 0);
  EXPECT_EQ(run_program({"report", run, "--out", page, "--force"}).exit_code, 0);
  std::filesystem::create_symlink(page, files_ / "link");
  expect_refusal({"report", run, "--out", (files_ / "link").string(), "--force"}, kInputOutput,
                 {"got something else"});
}

TEST_F(BadInput, WhatIsNotExpectedOrGivenTwiceIsShownAsTyped) {
  expect_refusal({"sense", "--bogus", "3"}, kUsage,
                 {"expected what ravine sense takes, got --bogus 3"});
  expect_refusal({"sense", "--seed", "1", "--seed", "2"}, kUsage,
                 {"--seed: expected once, got 2 times: 1, 2"});
  const auto grid = files_.file("g.toml", "noise = { start = 0, stop = 1, count = \"five\" }\n");
  expect_refusal({"sweep", grid.string()}, kUsage, {"count: a whole number, 2 to", "got 'five'"});
}

TEST_F(BadInput, HiddenSizesOfZeroNegativeAndAbsurdAreRefused) {
  for (const char* hidden :
       {"0", "-5", "128,0,128", "1e9", "99999999", "12a", "10,,10", "10,", ",10", ""}) {
    expect_refusal({"train", "--hidden", hidden}, kUsage, {"--hidden"});
  }
}

TEST_F(BadInput, NumbersOutOfRangeAreNamedAllAtOnce) {
  expect_refusal({"train", "--epochs", "0", "--learning-rate", "-1"}, kUsage,
                 {"epochs: expected 1 to 1000000, got 0", "learning rate"});
  expect_refusal({"sense", "--alpha", "0", "--step", "nan"}, kUsage, {"alpha", "step"});
  expect_refusal({"sense", "--rank", "0"}, kUsage, {"rank: expected at least 1, got 0"});
  expect_refusal({"sense", "--alpha", "0.1,0.1"}, kUsage, {"alpha: expected different values"});
  expect_refusal({"train", "--threads", "-1"}, kUsage, {"--threads"});
  expect_refusal({"landscape", "--slice-points", "2", "--slice-draws", "1001"}, kUsage,
                 {"slice points: expected 3 to 501, or 0 for no slices, got 2",
                  "slice draws: expected at most 1000, got 1001"});
}

TEST_F(BadInput, ProbesThatDoNotExistOrHaveNothingToDoAreRefused) {
  expect_refusal({"train", "--probe", "signal,gradients"}, kUsage,
                 {"--probe", "gradients", "all", "signal", "activations", "weights", "updates",
                  "cosine", "samples"});
  expect_refusal({"train", "--probe", "all", "--probe-every", "0"}, kUsage,
                 {"probe every: expected 1 to 1000000, got 0"});
  expect_refusal({"train", "--probe-every", "5"}, kUsage,
                 {"probe every: expected no value without a probe, got 5", "--probe all"});
  expect_refusal({"train", "--spectrum", "--spectrum-samples", "0"}, kUsage,
                 {"spectrum samples: expected 1 to 1000000, got 0"});
  expect_refusal({"train", "--spectrum", "--normalisation", "batch"}, kUsage,
                 {"spectrum: expected a network without batch normalisation"});
}

TEST_F(BadInput, RanksAboveTheDimensionAreRefused) {
  expect_refusal({"sense", "--dimension", "10", "--rank", "11"}, kUsage,
                 {"rank: expected at most the dimension 10, got 11"});
  expect_refusal({"sense", "--dimension", "10", "--true-rank", "11"}, kUsage, {"true rank"});
}

TEST_F(BadInput, RulesThatDoNotFitAndOptionsTheyDoNotHaveAreRefused) {
  expect_refusal({"train", "--rule", "scaled-gd"}, kUsage,
                 {"rule: expected sgd, momentum", "got scaled-gd",
                  "hint: that rule does not fit this objective"});
  expect_refusal({"sense", "--rule", "newton"}, kUsage, {"rule: expected gd", "got newton"});
  expect_refusal({"sense", "--rule", "gd", "--beta1", "0.5"}, kUsage,
                 {"beta1: expected no value, for gd has none, got 0.5"});
  expect_refusal({"sense", "--rule", "momentum", "--momentum", "1"}, kUsage,
                 {"momentum: expected 0 or more, below 1, got 1"});
  expect_refusal({"sense", "--rule", "lbfgs", "--history", "2.5"}, kUsage, {"history"});
  expect_refusal({"train", "--rule", "adamw", "--weight-decay", "-1"}, kUsage, {"weight-decay"});
}

TEST_F(BadInput, SchedulesAndBoundsThatContradictAreRefused) {
  expect_refusal({"train", "--loss", "hinge"}, kUsage, {"hinge", "nll", "mse"});
  expect_refusal({"train", "--schedule", "linear"}, kUsage,
                 {"linear", "constant", "step", "cosine"});
  expect_refusal({"train", "--drop-every", "3"}, kUsage,
                 {"schedule: expected step, with --drop-every or --drop-factor, got constant"});
  expect_refusal({"train", "--schedule", "step", "--final-learning-rate", "1e-4"}, kUsage,
                 {"schedule: expected cosine, with --final-learning-rate, got step"});
  expect_refusal(
      {"train", "--warm-up", "-1", "--schedule", "step", "--drop-factor", "2"}, kUsage,
      {"warm-up: expected 0 to 1000000000 steps, got -1", "drop-factor: expected above 0"});
  expect_refusal({"train", "--clip-norm", "-1"}, kUsage, {"clip-norm: expected 0 or more, got -1"});
  expect_refusal({"train", "--clip-value", "nan"}, kUsage, {"clip-value: expected 0 or more"});
  expect_refusal({"train", "--clip-norm", "1", "--clip-value", "1"}, kUsage,
                 {"--clip-norm", "--clip-value"});
}

TEST_F(BadInput, LayersThatCannotBeBuiltAreRefused) {
  expect_refusal({"train", "--normalisation", "group"}, kUsage,
                 {"group", "none", "layer", "batch"});
  expect_refusal({"train", "--residual", "--hidden", "64,32"}, kUsage,
                 {"residual: expected two or more hidden layers of one width, got widths 64, 32"});
  expect_refusal({"train", "--residual", "--hidden", "64"}, kUsage, {"got widths 64"});
  expect_refusal({"train", "--residual", "--no-hidden"}, kUsage, {"of one width, got none"});
  expect_refusal({"train", "--no-hidden", "--hidden", "64"}, kUsage, {"--no-hidden", "--hidden"});
  for (const char* rate : {"1", "-0.1", "nan"}) {
    expect_refusal({"train", "--dropout", rate}, kUsage, {"dropout: expected 0 or more, below 1"});
  }
  expect_refusal({"train", "--normalisation", "batch", "--probe", "all"}, kUsage,
                 {"probe: expected none of samples, whose losses batch normalisation mixes"});
  write_tiny_dataset(files_.path());  // of 3 training images
  for (const char* size : {"1", "2"}) {
    expect_refusal({"train", "--data", files_.path().string(), "--normalisation", "batch",
                    "--batch-size", size},
                   kUsage, {"mini-batches of at least 2 samples", "hint: another --batch-size"});
  }
}

TEST_F(BadInput, ConditionNumbersBelowOneOrOfRankOneAreRefused) {
  expect_refusal({"sense", "--condition-number", "0.5"}, kUsage, {"condition number"});
  expect_refusal({"sense", "--condition-number", "2", "--true-rank", "1"}, kUsage,
                 {"condition number: expected 1 for a matrix of rank 1, got 2"});
  expect_refusal({"sense", "--condition-number", "2", "--truth-entries", "uniform"}, kUsage,
                 {"--truth-entries"});
}

TEST_F(BadInput, UnknownOperatorsAreRefused) {
  expect_refusal({"sense", "--operator", "gram"}, kUsage, {"--operator", "gram"});
}

TEST_F(BadInput, EnsemblesThatCannotBeAreRefused) {
  expect_refusal({"sense", "--ensemble", "fourier"}, kUsage,
                 {"--ensemble", "fourier", "rademacher", "rank-one", "entries"});
  expect_refusal({"sense", "--ensemble", "entries", "--dimension", "10", "--measurements", "56"},
                 kUsage, {"measurements: expected at most 55, the different entries, got 56"});
  const std::string a = npy("A.npy", {2, 10, 10}, std::vector<double>(200, 1.0));
  const std::string y = npy("y.npy", {2}, {1, 2});
  const std::vector<std::string> files = {"sense", "--rank",       "1", "--measurement-file",
                                          a,       "--value-file", y,   "--ensemble"};
  std::vector<std::string> arguments = files;
  arguments.emplace_back("entries");
  expect_refusal(arguments, kUsage, {"gaussian or rank-one with a measurement file, got entries"});
  arguments.back() = "rank-one";
  expect_refusal(arguments, kData, {a, "vectors of shape (m, d), got (2, 10, 10)"});
}

TEST_F(BadInput, ThePopulationIsNotMeasured) {
  expect_refusal({"sense", "--population", "--measurements", "50"}, kUsage, {"--measurements"});
  const std::string text = "none with --population";
  expect_refusal({"sense", "--population", "--noise", "0.1"}, kUsage, {"noise", text});
  expect_refusal({"sense", "--population", "--operator", "normal"}, kUsage, {"operator", text});
  expect_refusal({"sense", "--population", "--minimum-norm"}, kUsage, {"minimum norm", text});
  expect_refusal({"sense", "--population", "--trace-minimisation"}, kUsage, {text});
  const std::string a = npy("A.npy", {2, 3, 3}, std::vector<double>(18, 1.0));
  const std::string y = npy("y.npy", {2}, {1, 2});
  expect_refusal({"sense", "--population", "--measurement-file", a, "--value-file", y}, kUsage,
                 {"measurement file", text});
  expect_refusal(
      {"sense", "--rank", "1", "--start", "aligned", "--measurement-file", a, "--value-file", y},
      kUsage, {"--truth-file"});
}

TEST_F(BadInput, WhatMeasurementFilesSayIsNotSaidBesideThem) {
  const std::string a = npy("A.npy", {2, 3, 3}, std::vector<double>(18, 1.0));
  const std::string y = npy("y.npy", {2}, {1, 2});
  const std::vector<std::vector<std::string>> others = {
      {"--measurements", "200"}, {"--dimension", "30"},        {"--noise", ".1"},
      {"--true-rank", "3"},      {"--condition-number", "10"}, {"--truth-entries", "uniform"}};
  for (const auto& other : others) {
    std::vector<std::string> arguments = {"sense", "--rank",       "1", "--measurement-file",
                                          a,       "--value-file", y};
    arguments.insert(arguments.end(), other.begin(), other.end());
    expect_refusal(arguments, kUsage, {"--measurement-file", other[0], "excludes"});
  }
}

TEST_F(BadInput, StartsThatAreGivenTwoWaysAreRefused) {
  expect_refusal({"train", "--initial-weights", "w.npz", "--init", "zero"}, kUsage,
                 {"--init", "--initial-weights", "excludes"});
  expect_refusal({"train", "--initial-weights", "w.npz", "--init-gain", "2"}, kUsage,
                 {"--init-gain", "--initial-weights", "excludes"});
  expect_refusal({"sense", "--initial-file", "U.npy", "--start", "spectral"}, kUsage,
                 {"initial file: expected one with the start from a file"});
}

TEST_F(BadInput, TheoryIsAboutGradientDescent) {
  expect_refusal({"sense", "--theory", "--rule", "momentum"}, kUsage,
                 {"theory: expected gradient descent, which it is about, got momentum"});
}

TEST_F(BadInput, UnknownKeysAndBrokenTomlNameFileAndLine) {
  const auto unknown = files_.file("a.toml", "epochs = 1\nepocs = 2\n");
  expect_refusal({"train", "--config", unknown.string()}, kUsage,
                 {unknown.string() + " line 2", "epocs", "unknown"});
  const auto broken = files_.file("b.toml", "epochs = \n");
  expect_refusal({"train", "--config", broken.string()}, kUsage, {broken.string() + " line 1"});
  const auto kind = files_.file("c.toml", "[epochs]\nvalue = 2\n");
  expect_refusal({"train", "--config", kind.string()}, kUsage, {"epochs"});
  const auto empty = files_.file("d.toml", "hidden = []\n");
  expect_refusal({"train", "--config", empty.string()}, kUsage,
                 {"line 1, hidden: expected at least one value, got an empty array"});
  expect_refusal({"train", "--config", (files_ / "none.toml").string()}, kInputOutput,
                 {"none.toml"});
}

TEST_F(BadInput, AnExistingRunIsKeptUnlessForced) {
  write_tiny_dataset(files_.path());
  const std::string out = (files_ / "run").string();
  const std::vector<std::string> train = {
      "train", "--data", files_.path().string(), "--epochs", "1", "--hidden", "4", "--out",
      out,     "--quiet"};
  ASSERT_EQ(run_program(train).exit_code, 0);
  const ProgramResult again = run_program(train);
  EXPECT_EQ(again.exit_code, kInputOutput);
  EXPECT_THAT(again.err, HasSubstr("--force"));
  std::vector<std::string> forced = train;
  forced.push_back("--force");
  EXPECT_EQ(run_program(forced).exit_code, 0);
}

TEST_F(BadInput, TheConfigurationIsCheckedBeforeTheRunFolder) {
  for (const auto& wrong : {std::vector<std::string>{"train", "--epochs", "0"},
                            {"sense", "--rank", "0"},
                            {"landscape", "--dimension", "0"}}) {
    std::vector<std::string> arguments = wrong;
    arguments.insert(arguments.end(), {"--out", files_.path().string()});
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.exit_code, kUsage) << result.err;
  }
  const ProgramResult nameless = run_program({"sense", "--out", ""});
  EXPECT_EQ(nameless.exit_code, kUsage);
  EXPECT_EQ(nameless.err, "ravine: [usage] --out: expected a value, got an empty one\n");
}

TEST_F(BadInput, AStartOfTheWrongShapeIsRefusedBeforeAnythingIsPrinted) {
  const std::string u = npy("U.npy", {3, 2}, std::vector<double>(6, 1.0));
  expect_refusal({"sense", "--dimension", "4", "--true-rank", "1", "--measurements", "9", "--rank",
                  "2", "--initial-file", u},
                 kData, {"U.npy", "shape (4, 2), got (3, 2)"});
}

TEST_F(BadInput, APlaceThatCannotBeWrittenIsRefusedBeforeTheWork) {
  const ProgramResult result = run_program({"train", "--out", "/proc/ravine/run"});
  EXPECT_EQ(result.exit_code, kInputOutput);
  EXPECT_THAT(result.err, HasSubstr("/proc/ravine"));
  EXPECT_EQ(result.out, "");
}

TEST_F(BadInput, ReportRefusesFoldersThatAreNoRuns) {
  const ProgramResult result =
      run_program({"report", files_.path().string(), "--out", (runs_ / "r.html").string()});
  EXPECT_EQ(result.exit_code, kData);
  EXPECT_THAT(result.err, HasSubstr(files_.path().string()));
  EXPECT_TRUE(std::filesystem::is_empty(runs_.path()));
}

TEST_F(BadInput, DataVerbsRefuseUnknownNamesAndWrongFiles) {
  expect_refusal({"data", "path", "imagenet"}, kUsage, {"imagenet"});
  write_tiny_dataset(files_.path());
  const ProgramResult result = run_program({"data", "import", "mnist", files_.path().string()},
                                           {"RAVINE_DATA=" + (runs_ / "cache").string()});
  EXPECT_EQ(result.exit_code, kData);
  EXPECT_THAT(result.err, HasSubstr("train-images-idx3-ubyte"));
  EXPECT_FALSE(std::filesystem::exists(runs_ / "cache" / "mnist"));
}

}  // namespace
}  // namespace ravine::testing
