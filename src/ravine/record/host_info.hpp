#pragma once

#include <string>

namespace ravine {

/// What a reader needs to know about the program and the machine behind a run's numbers.
struct HostInfo {
  std::string ravine_version;   // of this library, e.g. "0.1.0"
  std::string compiler;         // e.g. "g++ 12.2.0"
  std::string build_type;       // e.g. "Release"
  std::string instruction_set;  // of the kernels that ran, e.g. "AVX2"
  std::string cpu;              // the processor's model name, "unknown" where the system hides it
  int threads = 0;              // that worked on the run
};

/// Describes this build and this machine; the caller names what only it knows.
HostInfo describe_host(std::string instruction_set, int threads);

}  // namespace ravine
