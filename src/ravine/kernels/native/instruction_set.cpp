#include "ravine/kernels/instruction_set.hpp"

#include <algorithm>
#include <string_view>

#include <hwy/highway.h>
#include <hwy/targets.h>

#include "ravine/kernels/byte_matrix.hpp"

namespace ravine {

std::string instruction_set() {
  const std::int64_t supported = hwy::SupportedTargets() & HWY_TARGETS;
  const std::string best = hwy::TargetName(supported & -supported);  // the lowest bit
  return maker_name_of(best) + (has_byte_products() ? " and AMX" : "");
}

std::string maker_name_of(std::string target) {
  constexpr std::string_view kHighways = "AVX3";
  if (!target.starts_with(kHighways)) return target;
  std::string variant = target.substr(kHighways.size());
  std::ranges::replace(variant, '_', '/');
  return "AVX-512" + variant;
}

}  // namespace ravine
