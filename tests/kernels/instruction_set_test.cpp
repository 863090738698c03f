#include "ravine/kernels/instruction_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/kernels/byte_matrix.hpp"

namespace ravine {
namespace {

TEST(InstructionSet, IsNamedAsItsMakerDoes) {
  EXPECT_EQ(maker_name_of("AVX3"), "AVX-512");
  EXPECT_EQ(maker_name_of("AVX3_ZEN4"), "AVX-512/ZEN4");
  EXPECT_EQ(maker_name_of("AVX2"), "AVX2");
  EXPECT_THAT(instruction_set(), ::testing::Not(::testing::HasSubstr("AVX3")));
  EXPECT_EQ(instruction_set().ends_with(" and AMX"), has_byte_products());
}

}  // namespace
}  // namespace ravine
