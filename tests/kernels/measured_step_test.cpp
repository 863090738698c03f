#include "ravine/kernels/measured_step.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/kernels/ref/measured_step.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "support/bits.hpp"
#include "support/guarded_matrix.hpp"
#include "support/instruction_sets.hpp"

namespace ravine {
namespace {

using testing::GuardedMatrix;
using testing::kAwkwardSizes;
using testing::kPlacements;
using testing::Placement;

constexpr double kFactor = -0.3;

class MeasuredStep : public testing::WithInstructionSet {};

/// Calls check(x, before or nothing, y, weighs) for all that may be asked.
template <class T, class Check>
void for_each_step(Check check) {
  for (const std::size_t size : kAwkwardSizes) {
    for (const Placement placement : kPlacements) {
      const auto x = GuardedMatrix<T>::normal(1, size, "x", placement);
      const auto before = GuardedMatrix<T>::normal(1, size, "before", placement);
      for (const bool compares : {false, true}) {
        for (const bool weighs : {false, true}) {
          SCOPED_TRACE(::testing::Message() << size << " from " << placement.offset << " compares "
                                            << compares << " weighs " << weighs);
          auto y = GuardedMatrix<T>::normal(1, size, "y", placement);
          const std::span<const T> last = before.view().row(0);
          check(std::span<const T>(x.view().row(0)), compares ? last : last.first(0), y, weighs);
          EXPECT_TRUE(y.intact());
        }
      }
    }
  }
}

template <class T>
void expect_bits_of_single_passes() {
  for_each_step<T>([](std::span<const T> x, std::span<const T> before, auto& y, bool weighs) {
    auto apart = y;
    const StepSums sums = add_scaled_and_measure(kFactor, x, before, y.view().row(0), weighs);
    add_scaled(kFactor, x, apart.view().row(0));
    EXPECT_TRUE(testing::same_bits(y.view().row(0), apart.view().row(0)));
    const std::span<const T> moved = apart.view().row(0);
    EXPECT_EQ(sums.square, squared_norm(x));
    EXPECT_EQ(sums.product, before.empty() ? 0 : dot(x, before));
    EXPECT_EQ(sums.moved_square, weighs ? squared_norm(moved) : 0);
  });
}

TEST_P(MeasuredStep, HasTheBitsOfSinglePasses) {
  expect_bits_of_single_passes<float>();
  expect_bits_of_single_passes<double>();
}

template <class T>
void expect_close_to_plain_loops() {
  for_each_step<T>([](std::span<const T> x, std::span<const T> before, auto& y, bool weighs) {
    auto plain_y = y;
    const StepSums sums = add_scaled_and_measure(kFactor, x, before, y.view().row(0), weighs);
    const StepSums plain =
        ref::add_scaled_and_measure(kFactor, x, before, plain_y.view().row(0), weighs);
    const double error = static_cast<double>(x.size()) * std::numeric_limits<double>::epsilon();
    EXPECT_NEAR(sums.square, plain.square, error * plain.square);
    double magnitude = 0;
    for (std::size_t i = 0; i < before.size(); ++i) magnitude += std::abs(x[i] * before[i]);
    EXPECT_NEAR(sums.product, plain.product, 2 * error * magnitude);
    // Plain loops round twice where a multiply-add rounds once.
    const double rounding = 4 * double{std::numeric_limits<T>::epsilon()};
    EXPECT_NEAR(sums.moved_square, plain.moved_square, (error + rounding) * plain.moved_square);
  });
}

TEST_P(MeasuredStep, AgreesWithPlainLoops) {
  expect_close_to_plain_loops<float>();
  expect_close_to_plain_loops<double>();
}

TEST_P(MeasuredStep, NonFiniteNumbersShow) {
  for (std::size_t place = 0; place < 35; ++place) {
    std::vector<float> x(35, 1), y(35, 2);
    const std::vector<float> before(35, 2);
    x[place] = NAN;
    const StepSums sums =
        add_scaled_and_measure(0.5, std::span<const float>(x), before, std::span(y), true);
    EXPECT_TRUE(std::isnan(sums.square) && std::isnan(sums.product) &&
                std::isnan(sums.moved_square));
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, MeasuredStep,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

}  // namespace
}  // namespace ravine
