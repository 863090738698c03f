#include "ravine/kernels/activation.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/kernels/ref/activation.hpp"
#include "support/guarded_matrix.hpp"
#include "support/instruction_sets.hpp"

namespace ravine {
namespace {

using testing::GuardedMatrix;
using testing::Placement;

const std::vector<std::size_t> kSizes = {0, 1, 3, 7, 8, 9, 15, 16, 17, 24, 48, 66, 130};
constexpr Activation kActivations[] = {Activation::relu, Activation::tanh, Activation::sigmoid};

template <class T>
constexpr double kEpsilon = std::numeric_limits<T>::epsilon();

class ActivationKernel : public testing::WithInstructionSet {};

template <class T>
void expect_activation_close(Activation activation, std::size_t size, Placement placement) {
  auto z = GuardedMatrix<T>::normal(1, size, "z", placement);
  for (T& value : z.view().row(0)) value *= T(4);
  auto exact = z;
  activate(activation, z.view().row(0));
  ref::activate(activation, exact.view().row(0));
  for (std::size_t i = 0; i < size; ++i) {
    EXPECT_NEAR(z.view()(0, i), exact.view()(0, i),
                8 * kEpsilon<T> * std::abs(double{exact.view()(0, i)}))
        << i;
  }
  EXPECT_TRUE(z.intact()) << size;

  auto delta = GuardedMatrix<T>::normal(1, size, "delta", placement);
  auto exact_delta = delta;
  const auto before = delta;
  multiply_by_derivative(activation, exact.view().row(0), delta.view().row(0));
  ref::multiply_by_derivative(activation, exact.view().row(0), exact_delta.view().row(0));
  for (std::size_t i = 0; i < size; ++i) {
    // 1 - a^2 cancels near a = 1, so the bound is on the scale of the terms.
    EXPECT_NEAR(delta.view()(0, i), exact_delta.view()(0, i),
                2 * kEpsilon<T> * std::abs(double{before.view()(0, i)}))
        << i;
  }
  EXPECT_TRUE(delta.intact()) << size;
}

TEST_P(ActivationKernel, AgreesWithTheReference) {
  for (const Activation activation : kActivations) {
    for (const std::size_t size : kSizes) {
      for (const Placement placement : {Placement{0, 0}, Placement{1, 0}, Placement{3, 0}}) {
        SCOPED_TRACE(::testing::Message() << int(activation) << ", size " << size);
        expect_activation_close<float>(activation, size, placement);
        expect_activation_close<double>(activation, size, placement);
      }
    }
  }
}

template <class T>
std::vector<T> activated(Activation activation, std::vector<T> z) {
  activate(activation, std::span<T>(z));
  return z;
}

template <class T>
void expect_saturation() {
  const T big = std::numeric_limits<T>::max();
  const T infinite = std::numeric_limits<T>::infinity();
  using Values = std::vector<T>;
  const Values extremes = {-infinite, -big, T(-1000), T(1000), big};
  EXPECT_EQ(activated<T>(Activation::relu, extremes), (Values{0, 0, 0, 1000, big}));
  EXPECT_EQ(activated<T>(Activation::tanh, extremes), (Values{-1, -1, -1, 1, 1}));
  EXPECT_EQ(activated<T>(Activation::sigmoid, extremes), (Values{0, 0, 0, 1, 1}));
  EXPECT_EQ(activated<T>(Activation::relu, Values{infinite}), Values{infinite});
}

TEST_P(ActivationKernel, SaturatesWithoutOverflow) {
  expect_saturation<float>();
  expect_saturation<double>();
}

TEST_P(ActivationKernel, ReluHasDerivativeZeroAtZero) {
  std::vector<float> delta(20, 5);
  const std::vector<float> a(20, 0);
  multiply_by_derivative(Activation::relu, a, delta);
  EXPECT_EQ(delta, std::vector<float>(20, 0));
}

/// A not-a-number must never look like a unit that is merely off.
template <class T>
void expect_nan_to_stay(Activation activation) {
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (std::size_t place = 0; place < 19; ++place) {
    std::vector<T> a(19, T(0.5));
    a[place] = nan;
    activate(activation, std::span<T>(a));
    std::vector<T> delta(19, T(2));
    multiply_by_derivative(activation, std::span<const T>(a), std::span<T>(delta));
    std::vector<T> poisoned(19, T(2));
    poisoned[place] = nan;
    const std::vector<T> sound(19, T(0.5));
    multiply_by_derivative(activation, std::span<const T>(sound), std::span<T>(poisoned));
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(std::isnan(a[i]), i == place) << i;
      EXPECT_EQ(std::isnan(poisoned[i]), i == place) << i;
      // Where phi' is not known, ReLU leaves the delta alone; the one above is NaN already.
      EXPECT_EQ(std::isnan(delta[i]), i == place && activation != Activation::relu) << i;
    }
  }
}

TEST_P(ActivationKernel, KeepsNaN) {
  for (const Activation activation : kActivations) {
    SCOPED_TRACE(int(activation));
    expect_nan_to_stay<float>(activation);
    expect_nan_to_stay<double>(activation);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, ActivationKernel,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

}  // namespace
}  // namespace ravine
