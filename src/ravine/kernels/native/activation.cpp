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

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

// A not-a-number must not end as the 0 of a unit that is off: it would hide that a run diverged.
// Highway's Max and Exp drop it on some instruction sets.

template <class D, class V>
V relu(D d, V z) {
  return hn::IfThenZeroElse(hn::Le(z, hn::Zero(d)), z);
}

template <class D, class V>
V sigmoid(D d, V z) {
  // exp of a non-positive number cannot overflow: for z > 0 use 1 / (1 + e^-z), else e^z / (1 +
  // e^z).
  const V one = hn::Set(d, 1);
  const V e = hn::Exp(d, hn::Neg(hn::Abs(z)));
  const V numerator = hn::IfThenElse(hn::Gt(z, hn::Zero(d)), one, e);
  return hn::IfThenElse(hn::IsNaN(z), z, hn::Div(numerator, hn::Add(one, e)));
}

template <class T>
void activate_of(Activation activation, T* z, std::size_t count) {
  switch (activation) {
    case Activation::relu:
      return for_each_vector(z, count, [](auto d, auto x) { return relu(d, x); });
    case Activation::tanh:
      return for_each_vector(z, count, [](auto d, auto x) { return hn::Tanh(d, x); });
    case Activation::sigmoid:
      return for_each_vector(z, count, [](auto d, auto x) { return sigmoid(d, x); });
  }
}

template <class T>
void derivative_of(Activation activation, const T* a, T* delta, std::size_t count) {
  switch (activation) {
    case Activation::relu:
      return for_each_vector(delta, a, count, [](auto d, auto x, auto y) {
        return hn::IfThenZeroElse(hn::Le(y, hn::Zero(d)), x);
      });
    case Activation::tanh:
      return for_each_vector(delta, a, count, [](auto d, auto x, auto y) {
        return hn::Mul(x, hn::NegMulAdd(y, y, hn::Set(d, 1)));
      });
    case Activation::sigmoid:
      return for_each_vector(
          delta, a, count, [](auto, auto x, auto y) { return hn::Mul(x, hn::NegMulAdd(y, y, y)); });
  }
}

template <class T>
void activate_rows(Activation activation, MatrixView<T> z) {
  for (std::size_t i = 0; i < z.rows; ++i) activate_of(activation, z.row(i).data(), z.cols);
}

void activate_float(Activation activation, MatrixView<float> z) { activate_rows(activation, z); }
void activate_double(Activation activation, MatrixView<double> z) { activate_rows(activation, z); }
void derivative_float(Activation activation, const float* a, float* delta, std::size_t count) {
  derivative_of(activation, a, delta, count);
}
void derivative_double(Activation activation, const double* a, double* delta, std::size_t count) {
  derivative_of(activation, a, delta, count);
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
void multiply_by_derivative(Activation activation, std::span<const float> a,
                            std::span<float> delta) {
  HWY_DYNAMIC_DISPATCH(derivative_float)(activation, a.data(), delta.data(), delta.size());
}
void multiply_by_derivative(Activation activation, std::span<const double> a,
                            std::span<double> delta) {
  HWY_DYNAMIC_DISPATCH(derivative_double)(activation, a.data(), delta.data(), delta.size());
}

}  // namespace ravine
#endif
