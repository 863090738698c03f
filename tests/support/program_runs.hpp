#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::testing {

/// Small runs of the verbs.
inline const std::vector<std::string> kTrain = {
    "train", "--data", "mnist", "--train-limit", "1280", "--hidden", "48,32,16", "--epochs", "2"};
inline const std::vector<std::string> kSense = {
    "sense", "--dimension", "20",          "--true-rank", "2",   "--measurements", "300", "--rank",
    "20",    "--alpha",     "1,1e-2,1e-4", "--step",      "0.1", "--iterations",   "40"};

/// Runs of the program, each into a folder of its own.
class ProgramRuns {
 protected:
  /// Runs it with `arguments`, then `more`, and expects exit code 0. Returns the run folder.
  std::filesystem::path run(std::vector<std::string> arguments, const std::string& name,
                            const std::vector<std::string>& more = {}) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.insert(arguments.end(), {"--out", (folder_ / name).string()});
    result_ = run_program(arguments);
    EXPECT_EQ(result_.exit_code, 0) << result_.err;
    return folder_ / name;
  }

  TemporaryFolder folder_;
  ProgramResult result_;
};

}  // namespace ravine::testing
