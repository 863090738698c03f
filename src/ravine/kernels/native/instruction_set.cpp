#include "ravine/kernels/instruction_set.hpp"

#include <hwy/highway.h>
#include <hwy/targets.h>

namespace ravine {

std::string instruction_set() {
  const std::int64_t supported = hwy::SupportedTargets() & HWY_TARGETS;
  return hwy::TargetName(supported & -supported);  // the best target is the lowest bit
}

}  // namespace ravine
