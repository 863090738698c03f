#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "support/program.hpp"

namespace ravine::testing {

std::vector<std::string> with(std::vector<std::string> arguments,
                              const std::vector<std::string>& more);

/// Starts a training run and waits until it has made `steps` steps; it then stands still some steps
/// later, for nobody takes what it streams. Sends it the signal, and returns how it ended.
ProgramResult signal_after_steps(std::vector<std::string> train, int steps, int signal,
                                 const std::string& folder);

/// Starts a run and sends it the signal once `ready()`, at the latest after a minute, which fails
/// the test. Returns how it ended.
ProgramResult signal_when(const std::vector<std::string>& arguments,
                          const std::function<bool()>& ready, int signal);

/// The hidden folder of a run into `place` that is not finished; empty: there is none.
std::filesystem::path leftover_of(const std::filesystem::path& place);

/// Expects equal bytes in every file but the report, and equal manifests but for times and what
/// says that the second one was resumed.
void expect_same_runs(const std::filesystem::path& whole, const std::filesystem::path& resumed);

}  // namespace ravine::testing
