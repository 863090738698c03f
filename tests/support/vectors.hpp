#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/random/random.hpp"

namespace ravine::testing {

/// `count` N(0, 1) numbers, the same for the same name.
inline std::vector<double> normals(std::size_t count, std::string_view name) {
  std::vector<double> x(count);
  RandomStream(1, name).fill_normal(x);
  return x;
}

/// Expects two vectors to agree up to `relative` times the largest element expected.
inline void expect_all_near(std::span<const double> got, std::span<const double> expected,
                            double relative) {
  ASSERT_EQ(got.size(), expected.size());
  double scale = 0;
  for (const double value : expected) scale = std::max(scale, std::abs(value));
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], expected[i], relative * scale) << "at " << i;
  }
}

}  // namespace ravine::testing
