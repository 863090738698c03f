#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::testing {
namespace {

namespace fs = std::filesystem;

TEST(Install, PutsTheProgramAndTheExperimentsInPlace) {
  const TemporaryFolder folder;
  const ProgramResult installed = run_program(
      {"--install", RAVINE_BUILD_DIR, "--prefix", folder.path().string()}, {}, RAVINE_CMAKE);
  ASSERT_EQ(installed.exit_code, 0) << installed.err;
  const ProgramResult version = run_program({"--version"}, {}, (folder / "bin/ravine").string());
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, ::testing::StartsWith("ravine "));
  EXPECT_TRUE(fs::exists(folder / "share/ravine/experiments/sweeps/phase-transition.toml"));
}

}  // namespace
}  // namespace ravine::testing
