#include "ravine/kernels/measured_step.hpp"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/measured_step.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/kernels/native/dot-inl.h"
#include "ravine/kernels/native/for_each_vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

/// Moves four vectors of doubles' worth at a time, in whole vectors of T, and reads what it moved
/// for its square.
template <bool kProduct, bool kWeighs, class T>
StepSums measured_step(T factor, const T* x, const T* before, T* HWY_RESTRICT y,
                       std::size_t count) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto move = [&](std::size_t from, std::size_t size) {
    for_each_vector(y + from, x + from, size, [factor](auto tag, auto old, auto change) {
      return hn::MulAdd(hn::Set(tag, factor), change, old);
    });
  };
  FourSums<decltype(d)> squares, products, moved_squares;
  const auto add = [&](std::size_t part, std::size_t at) {
    const auto value = load_double(d, x + at);
    squares.add_product(part, value, value);
    if (kProduct) products.add_product(part, value, load_double(d, before + at));
    if (kWeighs) {
      const auto moved = load_double(d, y + at);
      moved_squares.add_product(part, moved, moved);
    }
  };
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    move(i, 4 * lanes);
#pragma GCC unroll 4
    for (std::size_t part = 0; part < 4; ++part) add(part, i + part * lanes);
  }
  move(i, count - i);
  for (; i + lanes <= count; i += lanes) add(0, i);
  StepSums sums{squares.total(), products.total(), moved_squares.total()};
  for (; i < count; ++i) {
    const auto value = static_cast<double>(x[i]), moved = static_cast<double>(y[i]);
    sums.square += value * value;
    if (kProduct) sums.product += value * static_cast<double>(before[i]);
    if (kWeighs) sums.moved_square += moved * moved;
  }
  return sums;
}

template <class T>
StepSums measured_step_of(T factor, const T* x, const T* before, T* y, std::size_t count,
                          bool weighs) {
  if (before == nullptr) {
    return weighs ? measured_step<false, true>(factor, x, before, y, count)
                  : measured_step<false, false>(factor, x, before, y, count);
  }
  return weighs ? measured_step<true, true>(factor, x, before, y, count)
                : measured_step<true, false>(factor, x, before, y, count);
}

StepSums measured_step_float(float factor, const float* x, const float* before, float* y,
                             std::size_t count, bool weighs) {
  return measured_step_of(factor, x, before, y, count, weighs);
}
StepSums measured_step_double(double factor, const double* x, const double* before, double* y,
                              std::size_t count, bool weighs) {
  return measured_step_of(factor, x, before, y, count, weighs);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(measured_step_float);
HWY_EXPORT(measured_step_double);

StepSums add_scaled_and_measure(double factor, std::span<const float> x,
                                std::span<const float> before, std::span<float> y, bool weighs) {
  return HWY_DYNAMIC_DISPATCH(measured_step_float)(static_cast<float>(factor), x.data(),
                                                   before.empty() ? nullptr : before.data(),
                                                   y.data(), y.size(), weighs);
}
StepSums add_scaled_and_measure(double factor, std::span<const double> x,
                                std::span<const double> before, std::span<double> y, bool weighs) {
  return HWY_DYNAMIC_DISPATCH(measured_step_double)(
      factor, x.data(), before.empty() ? nullptr : before.data(), y.data(), y.size(), weighs);
}

}  // namespace ravine
#endif
