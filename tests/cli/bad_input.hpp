#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/data/npy.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::testing {

inline constexpr int kUsage = 2, kData = 3, kInputOutput = 6;

class BadInput : public ::testing::Test {
 protected:
  /// The program must end with `code` and one line on stderr that has all of `texts`, print nothing
  /// on stdout, and leave nothing where the run was to go.
  void expect_refusal(std::vector<std::string> arguments, int code,
                      const std::vector<std::string>& texts) {
    const std::string verb = arguments[0];
    if (verb != "data" && verb != "report") {
      arguments.insert(arguments.end(), {"--out", (runs_ / "out").string()});
    }
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.exit_code, code) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    for (const std::string& text : texts) EXPECT_THAT(result.err, ::testing::HasSubstr(text));
    EXPECT_TRUE(std::filesystem::is_empty(runs_.path())) << "something was left behind";
  }

  std::string npy(const std::string& name, std::vector<std::size_t> shape,
                  const std::vector<double>& values) {
    const auto path = files_ / name;
    write_npy(path, NpyView{std::move(shape), std::span<const double>(values)});
    return path.string();
  }

  TemporaryFolder files_;
  TemporaryFolder runs_;
};

}  // namespace ravine::testing
