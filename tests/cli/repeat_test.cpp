#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/file.hpp"
#include "ravine/data/npy.hpp"
#include "ravine/record/run_record.hpp"
#include "ravine/report/configuration.hpp"
#include "support/program_runs.hpp"
#include "support/tiny_dataset.hpp"
#include "support/vectors.hpp"

namespace ravine::testing {
namespace {

namespace fs = std::filesystem;

/// The command that a run's report shows must be taken by the program and make the same tables and
/// arrays.
class Repeat : public ::testing::Test, protected ProgramRuns {
 protected:
  void expect_same_from_own_command(const fs::path& first) {
    const std::string command = report::command_line_of(read_run(first));
    const fs::path place = folder_ / "again";
    fs::create_directories(place);
    const ProgramResult again =
        run_program({"-c", fmt::format("cd '{}' && ravine() {{ '{}' \"$@\"; }} && {} --force",
                                       place.string(), RAVINE_PROGRAM, command)},
                    {}, "/bin/sh");
    ASSERT_EQ(again.exit_code, 0) << command << "\n" << again.err;
    std::size_t compared = 0;
    for (const auto& entry : fs::directory_iterator(first)) {
      const std::string name = entry.path().filename().string();
      const std::string kind = entry.path().extension().string();
      if ((kind != ".csv" && kind != ".npz") || name == "seconds.csv") continue;
      EXPECT_EQ(read_file(entry.path()), read_file(place / first.filename() / name))
          << name << " of " << command;
      ++compared;
    }
    EXPECT_GT(compared, 0U) << command;
  }

  std::string npy(const std::string& name, std::vector<std::size_t> shape,
                  const std::vector<double>& values) {
    write_npy(folder_ / name, NpyView{std::move(shape), std::span<const double>(values)});
    return (folder_ / name).string();
  }

  std::vector<std::string> small_sense(const std::vector<std::string>& more) {
    std::vector<std::string> sense = {"sense", "--dimension", "8", "--true-rank",  "2", "--rank",
                                      "3",     "--seed",      "5", "--iterations", "4"};
    sense.insert(sense.end(), more.begin(), more.end());
    return sense;
  }
};

TEST_F(Repeat, EveryEnsembleAndEveryStart) {
  const std::string start = npy("a start's.npy", {8, 3}, normals(24, "start"));
  const std::vector<std::vector<std::string>> kinds = {
      {"--ensemble", "gaussian", "--start", "gaussian", "--alpha", "1,1e-5", "--noise", "0.3"},
      {"--ensemble", "symmetric-gaussian", "--start", "spectral", "--learning-rate", "0.003"},
      {"--ensemble", "rademacher", "--start", "saddle", "--condition-number", "3"},
      {"--ensemble", "rank-one", "--start", "aligned", "--truth-entries", "uniform"},
      {"--ensemble", "entries", "--measurements", "30", "--initial-file", start, "--rule", "lbfgs"},
      {"--population", "--start", "file", "--initial-file", start, "--rule", "adam"}};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    expect_same_from_own_command(run(small_sense(kinds[i]), fmt::format("s{}", i)));
  }
}

TEST_F(Repeat, MeasurementsAndStartFromFiles) {
  const std::string vectors = npy("a.npy", {20, 6}, normals(20 * 6, "a")),
                    values = npy("y.npy", {20}, normals(20, "y")),
                    start = npy("u.npy", {6, 2}, normals(12, "u"));
  expect_same_from_own_command(
      run({"sense", "--ensemble", "rank-one", "--measurement-file", vectors, "--value-file", values,
           "--initial-file", start, "--rank", "2", "--iterations", "5", "--learning-rate", "1e-4"},
          "files"));
}

TEST_F(Repeat, AFileAsStartNeedsTheFile) {
  const ProgramResult refused = run_program(small_sense({"--start", "file"}));
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, ::testing::HasSubstr("initial file: expected one"));
}

TEST_F(Repeat, TrainingOfLoadedWeightsWithBatchNormalisation) {
  fs::create_directory(folder_ / "data");
  write_tiny_dataset(folder_ / "data");
  const std::vector<std::string> train = {"train",
                                          "--data",
                                          (folder_ / "data").string(),
                                          "--hidden",
                                          "5,3",
                                          "--bias",
                                          "--normalisation",
                                          "batch",
                                          "--epochs",
                                          "1",
                                          "--probe",
                                          "signal,updates",
                                          "--batch-size",
                                          "7"};
  const fs::path first = run(train, "first");
  const fs::path loaded = run(train, "loaded",
                              {"--initial-weights", (first / "arrays.npz").string(), "--rule",
                               "momentum", "--clip-norm", "0.5", "--schedule", "cosine"});
  expect_same_from_own_command(loaded);
}

TEST_F(Repeat, ALinearNetworkAndALandscape) {
  fs::create_directory(folder_ / "data");
  write_tiny_dataset(folder_ / "data");
  expect_same_from_own_command(run({"train", "--data", (folder_ / "data").string(), "--no-hidden",
                                    "--epochs", "1", "--no-shuffle"},
                                   "linear"));
  expect_same_from_own_command(
      run({"landscape", "--dimension", "6", "--true-rank", "1", "--measurements", "40", "--starts",
           "1", "--iterations", "20", "--critical-starts", "0"},
          "landscape"));
}

TEST_F(Repeat, ASweepWithALargeSeedFromTheCommandLine) {
  const std::string plan = folder_
                               .file("plan.toml",
                                     "dimension = 6\ntrue-rank = 1\nrank = 1\n"
                                     "measurements = [10, 20]\niterations = 3\n")
                               .string();
  const fs::path first =
      run({"sweep", plan, "--seed", "18446744073709551615", "--success", "0.5"}, "s");
  expect_same_from_own_command(first);
}

}  // namespace
}  // namespace ravine::testing
