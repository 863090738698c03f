#include "ravine/kernels/activation.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/activation.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

#include "ravine/kernels/native/for_each_vector-inl.h"
#include "ravine/kernels/native/normal_tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

// A not-a-number must not end as the 0 of a unit that is off: it would hide that a run diverged.
// Highway's Max and Exp drop it on some instruction sets.

template <class D, class V>
V relu(D d, V z) {
  return hn::IfThenZeroElse(hn::Le(z, hn::Zero(d)), z);
}

/// z where |z| <= limit, else +-limit.
template <class D, class V>
V clamped(D d, V z, hn::TFromD<D> limit) {
  const V end = hn::Set(d, limit);
  return hn::IfThenElse(hn::Gt(hn::Abs(z), end), hn::CopySign(end, z), z);
}

/// 1 / (1 + e^-z) and, without cancellation, 1 / (1 + e^z). A NaN may be lost.
template <class V>
struct Logistic {
  V value, complement;
};

template <class D, class V>
Logistic<V> logistic(D d, V z) {
  // exp of a non-positive number cannot overflow: for z > 0 use 1 / (1 + e^-z), else e^z / (1 +
  // e^z).
  const V one = hn::Set(d, 1);
  const V e = hn::Exp(d, hn::Neg(hn::Abs(z)));
  const V sum = hn::Add(one, e);
  const auto positive = hn::Gt(z, hn::Zero(d));
  return {hn::Div(hn::IfThenElse(positive, one, e), sum),
          hn::Div(hn::IfThenElse(positive, e, one), sum)};
}

template <class D, class V>
V sigmoid(D d, V z) {
  return hn::IfThenElse(hn::IsNaN(z), z, logistic(d, z).value);
}

template <class D, class V>
V softplus(D d, V z) {
  const V rest = hn::Log1p(d, hn::Exp(d, hn::Neg(hn::Abs(z))));
  const V sum = hn::Add(hn::IfThenZeroElse(hn::Lt(z, hn::Zero(d)), z), rest);
  return hn::IfThenElse(hn::IsNaN(z), z, sum);
}

// Where the logistic function and the normal distribution have long been 0 or 1, for both scalars;
// a pre-activation clamped there makes 0 and not NaN of 0 times infinity.
constexpr int kLogisticLimit = 1000;

template <class D, class V>
V silu(D d, V z) {
  const V from_below = hn::IfThenElse(hn::Gt(z, hn::Zero(d)), z, clamped(d, z, kLogisticLimit));
  return hn::Mul(from_below, logistic(d, z).value);
}

template <class D, class V>
V silu_derivative(D d, V z) {
  const Logistic<V> s = logistic(d, z);
  const V slope = hn::Mul(clamped(d, z, kLogisticLimit), s.complement);
  return hn::MulAdd(slope, s.value, s.value);
}

/// The distribution function of N(0, 1) and its density without the factor 1 / sqrt(2 pi), at |z|
/// <= NormalTail::kLimit. The relative error of the left tail is that of z^2 / 2.
template <class V>
struct Normal {
  V distribution, bell;
};

template <class D, class V>
Normal<V> normal(D d, V z) {
  const V bell = hn::Exp(d, hn::Mul(hn::Mul(z, z), hn::Set(d, -0.5F)));
  const V tail = hn::Mul(bell, scaled_normal_tail(d, hn::Abs(z)));
  const auto negative = hn::Lt(z, hn::Zero(d));
  return {hn::IfThenElse(negative, tail, hn::Sub(hn::Set(d, 1), tail)), bell};
}

template <class D, class V>
V gelu(D d, V z) {
  const V near = clamped(d, z, NormalTail<hn::TFromD<D>>::kLimit);
  const V from_below = hn::IfThenElse(hn::Gt(z, hn::Zero(d)), z, near);
  return hn::Mul(from_below, normal(d, near).distribution);
}

template <class D, class V>
V gelu_derivative(D d, V z) {
  using T = hn::TFromD<D>;
  const V near = clamped(d, z, NormalTail<T>::kLimit);
  const Normal<V> n = normal(d, near);
  const V density = hn::Mul(n.bell, hn::Set(d, static_cast<T>(0.39894228040143267794)));
  return hn::MulAdd(near, density, n.distribution);
}

/// `scale` times z for z > 0 and alpha (e^z - 1) for the others: elu and selu.
template <class D, class V>
V exponential_linear(D d, V z, double scale, double alpha) {
  using T = hn::TFromD<D>;
  const V left = hn::Mul(hn::Expm1(d, z), hn::Set(d, static_cast<T>(scale * alpha)));
  const V right = hn::Mul(z, hn::Set(d, static_cast<T>(scale)));
  return hn::IfThenElse(hn::Le(z, hn::Zero(d)), left, right);
}

/// delta times its derivative, from the output a.
template <class D, class V>
V exponential_linear_derivative(D d, V delta, V a, double scale, double alpha) {
  using T = hn::TFromD<D>;
  const V left = hn::Add(a, hn::Set(d, static_cast<T>(scale * alpha)));
  const V slope = hn::IfThenElse(hn::Le(a, hn::Zero(d)), left, hn::Set(d, static_cast<T>(scale)));
  return hn::Mul(delta, slope);
}

/// x where y > 0 (or is not a number), else 0.01 x.
template <class D, class V>
V leaky(D d, V x, V y) {
  const V small = hn::Mul(x, hn::Set(d, static_cast<hn::TFromD<D>>(kLeakySlope)));
  return hn::IfThenElse(hn::Le(y, hn::Zero(d)), small, x);
}

template <class T>
void activate_of(Activation activation, T* z, std::size_t count) {
  const auto map = [=](auto phi) { for_each_vector(z, count, phi); };
  switch (activation) {
    case Activation::identity:
      return;
    case Activation::relu:
      return map([](auto d, auto x) { return relu(d, x); });
    case Activation::leaky_relu:
      return map([](auto d, auto x) { return leaky(d, x, x); });
    case Activation::elu:
      return map([](auto d, auto x) { return exponential_linear(d, x, 1, 1); });
    case Activation::selu:
      return map([](auto d, auto x) { return exponential_linear(d, x, kSeluLambda, kSeluAlpha); });
    case Activation::gelu:
      return map([](auto d, auto x) { return gelu(d, x); });
    case Activation::silu:
      return map([](auto d, auto x) { return silu(d, x); });
    case Activation::tanh:
      return map([](auto d, auto x) { return hn::Tanh(d, x); });
    case Activation::sigmoid:
      return map([](auto d, auto x) { return sigmoid(d, x); });
    case Activation::softplus:
      return map([](auto d, auto x) { return softplus(d, x); });
  }
}

template <class T>
void derivative_of(Activation activation, const T* at, T* delta, std::size_t count) {
  const auto map = [=](auto times) { for_each_vector(delta, at, count, times); };
  switch (activation) {
    case Activation::identity:
      return;
    case Activation::relu:
      return map(
          [](auto d, auto x, auto a) { return hn::IfThenZeroElse(hn::Le(a, hn::Zero(d)), x); });
    case Activation::leaky_relu:
      return map([](auto d, auto x, auto a) { return leaky(d, x, a); });
    case Activation::elu:
      return map(
          [](auto d, auto x, auto a) { return exponential_linear_derivative(d, x, a, 1, 1); });
    case Activation::selu:
      return map([](auto d, auto x, auto a) {
        return exponential_linear_derivative(d, x, a, kSeluLambda, kSeluAlpha);
      });
    case Activation::gelu:
      return map([](auto d, auto x, auto z) { return hn::Mul(x, gelu_derivative(d, z)); });
    case Activation::silu:
      return map([](auto d, auto x, auto z) { return hn::Mul(x, silu_derivative(d, z)); });
    case Activation::tanh:
      return map(
          [](auto d, auto x, auto a) { return hn::Mul(x, hn::NegMulAdd(a, a, hn::Set(d, 1))); });
    case Activation::sigmoid:
      return map([](auto, auto x, auto a) { return hn::Mul(x, hn::NegMulAdd(a, a, a)); });
    case Activation::softplus:
      return map(
          [](auto d, auto x, auto a) { return hn::Mul(x, hn::Neg(hn::Expm1(d, hn::Neg(a)))); });
  }
}

template <class T>
void activate_rows(Activation activation, MatrixView<T> z) {
  for (std::size_t i = 0; i < z.rows; ++i) activate_of(activation, z.row(i).data(), z.cols);
}

void activate_float(Activation activation, MatrixView<float> z) { activate_rows(activation, z); }
void activate_double(Activation activation, MatrixView<double> z) { activate_rows(activation, z); }
void derivative_float(Activation activation, const float* at, float* delta, std::size_t count) {
  derivative_of(activation, at, delta, count);
}
void derivative_double(Activation activation, const double* at, double* delta, std::size_t count) {
  derivative_of(activation, at, delta, count);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(activate_float);
HWY_EXPORT(activate_double);
HWY_EXPORT(derivative_float);
HWY_EXPORT(derivative_double);

void activate(Activation activation, MatrixView<float> z) {
  HWY_DYNAMIC_DISPATCH(activate_float)(activation, z);
}
void activate(Activation activation, MatrixView<double> z) {
  HWY_DYNAMIC_DISPATCH(activate_double)(activation, z);
}
void multiply_by_derivative(Activation activation, std::span<const float> at,
                            std::span<float> delta) {
  HWY_DYNAMIC_DISPATCH(derivative_float)(activation, at.data(), delta.data(), delta.size());
}
void multiply_by_derivative(Activation activation, std::span<const double> at,
                            std::span<double> delta) {
  HWY_DYNAMIC_DISPATCH(derivative_double)(activation, at.data(), delta.data(), delta.size());
}

}  // namespace ravine
#endif
