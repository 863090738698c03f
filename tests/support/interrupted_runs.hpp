#pragma once

#include <string>
#include <vector>

#include "support/program.hpp"

namespace ravine::testing {

/// Starts a training run and waits until it has made `steps` steps; it then stands still some steps
/// later, for nobody takes what it streams. Sends it the signal, and returns how it ended.
ProgramResult signal_after_steps(std::vector<std::string> train, int steps, int signal,
                                 const std::string& folder);

}  // namespace ravine::testing
