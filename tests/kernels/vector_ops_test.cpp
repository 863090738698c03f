#include "ravine/kernels/vector_ops.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/kernels/ref/vector_ops.hpp"
#include "support/guarded_matrix.hpp"
#include "support/instruction_sets.hpp"

namespace ravine {
namespace {

using testing::GuardedMatrix;
using testing::kAwkwardSizes;
using testing::kPlacements;
using testing::Placement;

template <class T>
constexpr double kEpsilon = std::numeric_limits<T>::epsilon();

class VectorOps : public testing::WithInstructionSet {};

template <class T>
void expect_dot_close(std::size_t size, Placement placement) {
  const auto matrix = GuardedMatrix<T>::normal(2, size, "x and y", placement);
  const std::span<const T> x = matrix.view().row(0), y = matrix.view().row(1);
  double magnitude = 0;
  for (std::size_t i = 0; i < size; ++i) magnitude += std::abs(double{x[i]} * y[i]);
  const double count = static_cast<double>(size);
  EXPECT_NEAR(dot(x, y), ref::dot(x, y), count * kEpsilon<double> * magnitude) << size;
  EXPECT_NEAR(squared_norm(x), ref::squared_norm(x),
              count * kEpsilon<double> * ref::squared_norm(x))
      << size;
}

template <class T>
void expect_distance_close(std::size_t size, Placement placement) {
  const auto x = GuardedMatrix<T>::normal(1, size, "x", placement);
  const auto y = GuardedMatrix<T>::normal(1, size, "y", placement);
  const double exact = ref::squared_distance(x.view().row(0), y.view().row(0));
  EXPECT_NEAR(squared_distance(x.view().row(0), y.view().row(0)), exact,
              static_cast<double>(size) * kEpsilon<double> * exact)
      << size;
}

TEST_P(VectorOps, SquaredDistanceAddsInDouble) {
  for (const std::size_t size : kAwkwardSizes) {
    for (const Placement placement : kPlacements) {
      expect_distance_close<float>(size, placement);
      expect_distance_close<double>(size, placement);
    }
  }
  const std::vector<float> tiny(35, 3e-30F), less(35, 1e-30F);
  EXPECT_NEAR(squared_distance(std::span(tiny), std::span(less)) / (35 * 4e-60), 1, 1e-6);
}

template <class T>
void expect_sum_close(std::size_t size) {
  const auto matrix = GuardedMatrix<T>::normal(1, size, "x", {1, 0});
  const std::span<const T> x = matrix.view().row(0);
  double magnitude = 0;
  for (const T value : x) magnitude += std::abs(double{value});
  EXPECT_NEAR(sum(x), ref::sum(x), static_cast<double>(size) * kEpsilon<double> * magnitude);
}

TEST_P(VectorOps, SumAgreesWithThePlainOne) {
  for (const std::size_t size : kAwkwardSizes) {
    expect_sum_close<float>(size);
    expect_sum_close<double>(size);
  }
}

TEST_P(VectorOps, DotAndSquaredNormAddInDouble) {
  for (const std::size_t size : kAwkwardSizes) {
    for (const Placement placement : kPlacements) {
      expect_dot_close<float>(size, placement);
      expect_dot_close<double>(size, placement);
    }
  }
}

TEST_P(VectorOps, SquaredNormOfFloatsBeyondFloatRange) {
  const std::vector<float> large(7, 1e30F), small(7, 1e-30F);
  EXPECT_NEAR(squared_norm(std::span(large)) / 7e60, 1, 1e-6);
  EXPECT_NEAR(squared_norm(std::span(small)) / 7e-60, 1, 1e-6);
}

template <class T>
void expect_add_scaled_close(std::size_t size, Placement placement) {
  constexpr double kFactor = -0.30000000000000004;
  const auto x = GuardedMatrix<T>::normal(1, size, "x", placement);
  auto y = GuardedMatrix<T>::normal(1, size, "y", placement);
  auto exact = y;
  add_scaled(kFactor, x.view().row(0), y.view().row(0));
  ref::add_scaled(kFactor, x.view().row(0), exact.view().row(0));
  for (std::size_t i = 0; i < size; ++i) {
    const double magnitude =
        std::abs(double{exact.view()(0, i)}) + std::abs(kFactor * x.view()(0, i));
    EXPECT_NEAR(y.view()(0, i), exact.view()(0, i), 2 * kEpsilon<T> * magnitude) << i;
  }
  EXPECT_TRUE(y.intact()) << size;
}

TEST_P(VectorOps, AddScaledAgreesAndStaysInside) {
  for (const std::size_t size : kAwkwardSizes) {
    for (const Placement placement : kPlacements) {
      expect_add_scaled_close<float>(size, placement);
      expect_add_scaled_close<double>(size, placement);
    }
  }
}

template <class T>
void expect_affine_close(std::size_t size, Placement placement) {
  // MNIST's normalisation: (b / 255 - mean) / deviation.
  constexpr double kScale = 1 / 255.0 / 0.3081078071, kShift = -0.1306604763 / 0.3081078071;
  std::vector<std::uint8_t> bytes(size + placement.offset);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(255 - i * 37);
  const std::span<const std::uint8_t> in = std::span(bytes).subspan(placement.offset);
  GuardedMatrix<T> out(1, size, placement);
  GuardedMatrix<T> exact(1, size);
  affine_from_bytes(in, kScale, kShift, out.view().row(0));
  ref::affine_from_bytes(in, kScale, kShift, exact.view().row(0));
  for (std::size_t i = 0; i < size; ++i) {
    const double magnitude = kScale * in[i] + std::abs(kShift);
    EXPECT_NEAR(out.view()(0, i), exact.view()(0, i), 2 * kEpsilon<T> * magnitude) << i;
  }
  EXPECT_TRUE(out.intact()) << size;
}

TEST_P(VectorOps, BytesBecomeScaledNumbersAndStayInside) {
  for (const std::size_t size : kAwkwardSizes) {
    for (const Placement placement : kPlacements) {
      expect_affine_close<float>(size, placement);
      expect_affine_close<double>(size, placement);
    }
  }
}

TEST_P(VectorOps, AffineSquareIsTheSumOfSquaresOfTheScaledNumbers) {
  for (const std::size_t size : {0, 1, 17, 784, 100'000}) {
    std::vector<std::uint8_t> bytes(size);
    double expected = 0;
    for (std::size_t i = 0; i < size; ++i) {
      bytes[i] = static_cast<std::uint8_t>(255 - i * 37);
      const double x = 0.0127 * bytes[i] - 0.424;
      expected += x * x;
    }
    EXPECT_NEAR(affine_square(bytes, 0.0127, -0.424), expected, 1e-13 * expected) << size;
  }
}

TEST_P(VectorOps, ElementsDoNotDependOnTheirPlace) {
  // What a thread computes must not depend on where its part begins.
  const auto x = GuardedMatrix<float>::normal(1, 130, "x");
  auto whole = GuardedMatrix<float>::normal(1, 130, "y");
  auto parts = whole;
  const std::span<const float> from = x.view().row(0);
  const std::span<float> to = parts.view().row(0);
  add_scaled(0.1, from, whole.view().row(0));
  for (std::size_t i = 0; i < 130; i += 13) {
    add_scaled(0.1, from.subspan(i, 13), to.subspan(i, 13));
  }
  for (std::size_t i = 0; i < 130; ++i) EXPECT_EQ(whole.view()(0, i), to[i]) << i;
}

TEST_P(VectorOps, NonFiniteNumbersShow) {
  for (std::size_t place = 0; place < 35; ++place) {
    std::vector<float> x(35, 1), y(35, 2);
    x[place] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(std::isnan(squared_norm(std::span<const float>(x))));
    EXPECT_TRUE(std::isnan(dot(std::span<const float>(y), x)));
    add_scaled(1, std::span<const float>(x), y);
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(std::isnan(y[i]), i == place);
    x[place] = std::numeric_limits<float>::infinity();
    EXPECT_TRUE(std::isinf(squared_norm(std::span<const float>(x))));
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, VectorOps,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

}  // namespace
}  // namespace ravine
