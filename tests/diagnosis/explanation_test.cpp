#include "ravine/diagnosis/explanation.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/norm_histories.hpp"

namespace ravine {
namespace {

using ::ravine::testing::history_of;
using ::testing::HasSubstr;

TEST(Explanation, TeachesInFewLines) {
  const std::string text =
      explain(diagnose(history_of(40, 100, [](double l, int) { return std::pow(0.5, 39.0 - l); })));
  EXPECT_THAT(text, HasSubstr("verdict: vanishing (high confidence, 40 layers, 100 steps)"));
  EXPECT_THAT(text, HasSubstr("... 32 more"));
  EXPECT_THAT(text, HasSubstr("layers concerned: layer1 to layer37 (37 layers)"));
  EXPECT_THAT(text, HasSubstr("what to try:\n  1. "));
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 20);
}

}  // namespace
}  // namespace ravine
