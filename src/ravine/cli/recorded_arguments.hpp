#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace ravine::cli {

/// The options with which the run in a verb's --out was begun, as arguments, but for those given to
/// the verb now. Throws IoError when the run has no checkpoint, DataError when that is damaged,
/// ConfigError when it is of another program or verb.
std::vector<std::string> recorded_arguments(const CLI::App& verb);

}  // namespace ravine::cli
