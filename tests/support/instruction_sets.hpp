#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/targets.h>

namespace ravine::testing {

/// An instruction set as Highway numbers them; 0 stands for the fallback every machine can run.
using InstructionSet = std::int64_t;

/// Those of the library that this machine can run.
inline std::vector<InstructionSet> available_instruction_sets() {
  std::vector<InstructionSet> sets = {0};
#if HWY_ARCH_X86
  for (const InstructionSet set : {HWY_AVX2, HWY_AVX3}) {
    if (hwy::SupportedTargets() & set) sets.push_back(set);
  }
#endif
  return sets;
}

inline std::string instruction_set_name(
    const ::testing::TestParamInfo<InstructionSet>& information) {
  return information.param == 0 ? "Fallback" : hwy::TargetName(information.param);
}

/// Runs its tests with one instruction set, the parameter, whatever else the machine could do.
class WithInstructionSet : public ::testing::TestWithParam<InstructionSet> {
 protected:
  void SetUp() override { hwy::GetChosenTarget().Update(GetParam()); }
  void TearDown() override { hwy::GetChosenTarget().Update(hwy::SupportedTargets()); }
};

}  // namespace ravine::testing
