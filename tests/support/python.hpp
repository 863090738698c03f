#pragma once

#include <string>
#include <vector>

namespace ravine::testing {

/// Runs a script with the system's Python, whose numpy the tests depend on, and returns what it
/// prints. The arguments are its sys.argv[1:]. Fails the running test when the script fails.
std::string run_python(const std::string& script, const std::vector<std::string>& arguments);

/// Whether the system's Python can import a module the tests do without where it is missing.
bool python_has(const std::string& module);

}  // namespace ravine::testing
