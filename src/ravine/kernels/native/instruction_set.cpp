#include "ravine/kernels/instruction_set.hpp"

#include <hwy/targets.h>

namespace ravine {

std::string instruction_set() {
  const std::int64_t supported = hwy::SupportedTargets();
  return hwy::TargetName(supported & -supported);  // the best target is the lowest bit
}

}  // namespace ravine
