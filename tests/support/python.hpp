#pragma once

#include <string>
#include <vector>

namespace ravine::testing {

/// Runs a script with the system's Python, whose numpy and torch the tests depend on, and returns
/// what it prints. The arguments are its sys.argv[1:]. Fails the running test when the script
/// fails.
std::string run_python(const std::string& script, const std::vector<std::string>& arguments);

}  // namespace ravine::testing
