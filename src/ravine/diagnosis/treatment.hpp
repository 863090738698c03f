#pragma once

#include <string>
#include <vector>

#include "ravine/diagnosis/diagnosis.hpp"

namespace ravine {

/// Why a verdict is likely so, and what to try.
struct Treatment {
  std::string cause;
  std::vector<Advice> advice;
};

/// For any verdict but healthy. Nothing is advised that is there already. Norms that were odd from
/// the first steps point at initialisation and architecture, those that became so at the steps.
Treatment treatment_of(Verdict verdict, const Measures& measures);

}  // namespace ravine
