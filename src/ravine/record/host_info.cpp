#include "ravine/record/host_info.hpp"

#include <fstream>
#include <utility>

#include <fmt/format.h>

namespace ravine {

namespace {

std::string compiler_name() {
#if defined(__clang__)
  return fmt::format("clang++ {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#elif defined(__GNUC__)
  return fmt::format("g++ {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#else
  return "unknown";
#endif
}

std::string cpu_model() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t value = line.find_first_not_of(" \t", line.find(':') + 1);
    if (value != std::string::npos) return line.substr(value);
  }
  return "unknown";
}

}  // namespace

HostInfo describe_host(std::string instruction_set, int threads) {
  return {RAVINE_VERSION, compiler_name(), RAVINE_BUILD_TYPE, std::move(instruction_set),
          cpu_model(),    threads};
}

}  // namespace ravine
