#pragma once

#include <span>
#include <string_view>

namespace ravine {

/// An experiment file as text; the build makes the array from `experiments/*.toml`.
struct BuiltInExperiment {
  std::string_view source;
  std::string_view toml;
};

extern const std::span<const BuiltInExperiment> kBuiltInExperiments;

}  // namespace ravine
