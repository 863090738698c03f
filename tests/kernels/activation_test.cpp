#include "ravine/kernels/activation.hpp"

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/kernels/ref/activation.hpp"
#include "ravine/record/csv_table.hpp"
#include "support/guarded_matrix.hpp"
#include "support/instruction_sets.hpp"

namespace ravine {
namespace {

using testing::GuardedMatrix;
using testing::Placement;

const std::vector<std::size_t> kSizes = {0, 1, 3, 7, 8, 9, 15, 16, 17, 24, 48, 66, 130};

template <class T>
constexpr double kEpsilon = std::numeric_limits<T>::epsilon();

class ActivationKernel : public testing::WithInstructionSet {};

/// In units of epsilon, relative to phi(z). The tail of the normal distribution has the relative
/// error of z^2 / 2, which the exponential function makes of it.
double value_bound(Activation activation, double z) {
  return activation == Activation::gelu ? 8 + z * z / 2 : 8;
}

/// In units of epsilon, relative to delta: 1 - a^2 and its like cancel, so that only a bound on the
/// scale of the terms holds. Those with an exponential function in them round more often.
double derivative_bound(Activation activation) {
  return needs_pre_activation(activation) || activation == Activation::softplus ? 6 : 2;
}

template <class T>
void expect_activation_close(Activation activation, std::size_t size, Placement placement) {
  auto z = GuardedMatrix<T>::normal(1, size, "z", placement);
  for (T& value : z.view().row(0)) value *= T(4);
  const auto before = z;
  auto exact = z;
  activate(activation, z.view().row(0));
  ref::activate(activation, exact.view().row(0));
  for (std::size_t i = 0; i < size; ++i) {
    EXPECT_NEAR(z.view()(0, i), exact.view()(0, i),
                value_bound(activation, before.view()(0, i)) * kEpsilon<T> *
                    std::abs(double{exact.view()(0, i)}))
        << i << ", z " << before.view()(0, i);
  }
  EXPECT_TRUE(z.intact()) << size;

  auto delta = GuardedMatrix<T>::normal(1, size, "delta", placement);
  auto exact_delta = delta;
  const auto original = delta;
  auto at = needs_pre_activation(activation) ? before : exact;
  multiply_by_derivative(activation, at.view().row(0), delta.view().row(0));
  ref::multiply_by_derivative(activation, at.view().row(0), exact_delta.view().row(0));
  for (std::size_t i = 0; i < size; ++i) {
    EXPECT_NEAR(
        delta.view()(0, i), exact_delta.view()(0, i),
        derivative_bound(activation) * kEpsilon<T> * std::abs(double{original.view()(0, i)}))
        << i << ", z " << before.view()(0, i);
  }
  EXPECT_TRUE(delta.intact()) << size;
}

TEST_P(ActivationKernel, AgreesWithTheReference) {
  for (const auto& [name, activation] : kActivations) {
    for (const std::size_t size : kSizes) {
      for (const Placement placement : {Placement{0, 0}, Placement{1, 0}, Placement{3, 0}}) {
        SCOPED_TRACE(::testing::Message() << name << ", size " << size);
        expect_activation_close<float>(activation, size, placement);
        expect_activation_close<double>(activation, size, placement);
      }
    }
  }
}

/// From the deepest tail to the far side in small steps, so that every piece of an approximation is
/// met.
template <class T>
void expect_close_everywhere(Activation activation) {
  std::vector<T> z;
  for (int i = -8000; i <= 8000; ++i) z.push_back(T(i) / 200);
  std::vector<T> value = z, exact = z;
  activate(activation, std::span<T>(value));
  ref::activate(activation, std::span<T>(exact));
  const std::vector<T>& at = needs_pre_activation(activation) ? z : exact;
  std::vector<T> slope(z.size(), 1), exact_slope = slope;
  multiply_by_derivative(activation, std::span<const T>(at), std::span<T>(slope));
  ref::multiply_by_derivative(activation, std::span<const T>(at), std::span<T>(exact_slope));
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double bound = value_bound(activation, z[i]) * kEpsilon<T> * std::abs(double{exact[i]});
    ASSERT_NEAR(value[i], exact[i], bound + double{std::numeric_limits<T>::min()}) << z[i];
    ASSERT_NEAR(slope[i], exact_slope[i], derivative_bound(activation) * kEpsilon<T>) << z[i];
  }
}

TEST_P(ActivationKernel, AgreesWithTheReferenceInEveryPartOfTheLine) {
  for (const auto& [name, activation] : kActivations) {
    SCOPED_TRACE(name);
    expect_close_everywhere<float>(activation);
    expect_close_everywhere<double>(activation);
  }
}

TEST_P(ActivationKernel, AgreesWithPyTorch) {
  const CsvTable golden = CsvTable::read(std::filesystem::path(RAVINE_SOURCE_DIR) / "tests" /
                                         "golden" / "activations.csv");
  const std::vector<double> z = golden.numbers("z");
  for (const auto& [name, activation] : kActivations) {
    const std::string column(name);
    std::vector<double> a = z, slope(z.size(), 1);
    activate(activation, std::span<double>(a));
    multiply_by_derivative(activation, needs_pre_activation(activation) ? z : a,
                           std::span<double>(slope));
    const std::vector<double> values = golden.numbers(column);
    const std::vector<double> slopes = golden.numbers(column + " derivative");
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double bound = 8 * kEpsilon<double> * std::max(1.0, std::abs(z[i]));
      EXPECT_NEAR(a[i], values[i], bound) << name << " at " << z[i];
      EXPECT_NEAR(slope[i], slopes[i], bound) << name << "' at " << z[i];
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
  EXPECT_EQ(activated<T>(Activation::elu, extremes), (Values{-1, -1, -1, 1000, big}));
  EXPECT_EQ(activated<T>(Activation::gelu, extremes), (Values{0, 0, 0, 1000, big}));
  EXPECT_EQ(activated<T>(Activation::silu, extremes), (Values{0, 0, 0, 1000, big}));
  EXPECT_EQ(activated<T>(Activation::softplus, extremes), (Values{0, 0, 0, 1000, big}));
  for (const Activation unbounded : {Activation::relu, Activation::elu, Activation::gelu,
                                     Activation::silu, Activation::softplus}) {
    EXPECT_EQ(activated<T>(unbounded, Values{infinite}), Values{infinite});
  }
}

TEST_P(ActivationKernel, SaturatesWithoutOverflow) {
  expect_saturation<float>();
  expect_saturation<double>();
}

/// Zeros of both signs, the smallest and the largest numbers, and infinities.
template <class T>
void expect_reference_at_the_ends(Activation activation) {
  using Limits = std::numeric_limits<T>;
  std::vector<T> z;
  for (const T size : {T(0), Limits::denorm_min(), Limits::min(), Limits::epsilon(), T(700),
                       T(1000), Limits::max() / 2, Limits::infinity()}) {
    z.push_back(size);
    z.push_back(-size);
  }
  std::vector<T> value = z, exact = z;
  activate(activation, std::span<T>(value));
  ref::activate(activation, std::span<T>(exact));
  const std::vector<T>& at = needs_pre_activation(activation) ? z : exact;
  std::vector<T> slope(z.size(), 1), exact_slope = slope;
  multiply_by_derivative(activation, std::span<const T>(at), std::span<T>(slope));
  ref::multiply_by_derivative(activation, std::span<const T>(at), std::span<T>(exact_slope));
  for (std::size_t i = 0; i < z.size(); ++i) {
    EXPECT_TRUE(value[i] == exact[i] ||
                std::abs(value[i] - exact[i]) <=
                    T(4) * Limits::epsilon() * std::abs(exact[i]) + Limits::denorm_min())
        << z[i] << ": " << value[i] << ", not " << exact[i];
    EXPECT_NEAR(slope[i], exact_slope[i], 4 * kEpsilon<T>) << z[i];
  }
}

TEST_P(ActivationKernel, AgreesWithTheReferenceAtTheEnds) {
  for (const auto& [name, activation] : kActivations) {
    SCOPED_TRACE(name);
    expect_reference_at_the_ends<float>(activation);
    expect_reference_at_the_ends<double>(activation);
  }
}

TEST_P(ActivationKernel, ReluHasDerivativeZeroAtZero) {
  std::vector<float> delta(20, 5);
  const std::vector<float> a(20, 0);
  multiply_by_derivative(Activation::relu, a, delta);
  EXPECT_EQ(delta, std::vector<float>(20, 0));
}

/// Whether phi' is a constant above 0: it is taken where the output is not a number.
bool has_constant_slopes(Activation activation) {
  return has_kink(activation) || activation == Activation::identity ||
         activation == Activation::elu;
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
      // Those of constant slope above 0 take that slope; the one above is NaN already.
      EXPECT_EQ(std::isnan(delta[i]), i == place && !has_constant_slopes(activation)) << i;
    }
  }
}

TEST_P(ActivationKernel, KeepsNaN) {
  for (const auto& [name, activation] : kActivations) {
    SCOPED_TRACE(name);
    expect_nan_to_stay<float>(activation);
    expect_nan_to_stay<double>(activation);
  }
}

TEST(Activations, SeluKeepsMeanAndVarianceOfNormalNumbers) {
  // The trapezoidal rule, with a node at the kink, where it is exact to the square of the step.
  constexpr int kSteps = 100'000;
  constexpr double kStep = 10.0 / kSteps;
  double mean = 0, square = 0;
  for (int i = -kSteps; i <= kSteps; ++i) {
    const double z = i * kStep;
    double a[] = {z};
    activate(Activation::selu, std::span<double>(a));
    const double weight = kStep * std::exp(-z * z / 2) / std::sqrt(2 * std::acos(-1));
    mean += weight * a[0];
    square += weight * a[0] * a[0];
  }
  EXPECT_NEAR(mean, 0, 1e-8);
  EXPECT_NEAR(square, 1, 1e-8);
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, ActivationKernel,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

}  // namespace
}  // namespace ravine
