#pragma once

#include <span>
#include <string_view>

namespace ravine {

/// A file of `experiments/` as text; the build makes the arrays.
struct BuiltInFile {
  std::string_view source;  ///< its path in the sources, such as experiments/theory.toml
  std::string_view toml;
};

extern const std::span<const BuiltInFile> kBuiltInExperiments;
extern const std::span<const BuiltInFile> kBuiltInPlans;  ///< of sweeps

}  // namespace ravine
