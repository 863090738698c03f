#include "ravine/kernels/softmax.hpp"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/softmax.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

#include "ravine/kernels/native/for_each_vector-inl.h"
#include "ravine/kernels/shape_check.hpp"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

template <class T>
void softmax_nll_rows(MatrixView<const T> logits, const std::uint8_t* labels, double scale,
                      MatrixView<T> delta, double* losses) {
  for (std::size_t b = 0; b < logits.rows; ++b) {
    const std::span<const T> z = logits.row(b);
    const std::span<T> out = delta.row(b);
    const T largest = *std::ranges::max_element(z);
    const T chosen = z[labels[b]];
    for_each_vector(out.data(), z.data(), out.size(), [largest](auto d, auto, auto x) {
      const auto power = hn::Exp(d, hn::Sub(x, hn::Set(d, largest)));
      return hn::IfThenElse(hn::IsNaN(x), x, power);
    });
    double sum = 0;
    for (const T power : out) sum += static_cast<double>(power);
    losses[b] = std::log(sum) - static_cast<double>(chosen - largest);
    const T factor = static_cast<T>(scale / sum);
    for_each_vector(out.data(), out.size(),
                    [factor](auto d, auto x) { return hn::Mul(x, hn::Set(d, factor)); });
    out[labels[b]] -= static_cast<T>(scale);
  }
}

void softmax_nll_float(MatrixView<const float> logits, const std::uint8_t* labels, double scale,
                       MatrixView<float> delta, double* losses) {
  softmax_nll_rows(logits, labels, scale, delta, losses);
}
void softmax_nll_double(MatrixView<const double> logits, const std::uint8_t* labels, double scale,
                        MatrixView<double> delta, double* losses) {
  softmax_nll_rows(logits, labels, scale, delta, losses);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(softmax_nll_float);
HWY_EXPORT(softmax_nll_double);

namespace {

template <class T>
void check_softmax(MatrixView<const T> logits, std::span<const std::uint8_t> labels,
                   MatrixView<T> delta, std::span<double> losses) {
  check_shape("softmax_nll", "delta", delta, logits.rows, logits.cols);
  check_labels("softmax_nll", labels, losses, logits.rows, logits.cols);
}

template <class T>
bool predicts_of(std::span<const T> logits, std::uint8_t label) {
  return std::ranges::max_element(logits) - logits.begin() == label;
}

}  // namespace

void softmax_nll(MatrixView<const float> logits, std::span<const std::uint8_t> labels, double scale,
                 MatrixView<float> delta, std::span<double> losses) {
  check_softmax(logits, labels, delta, losses);
  HWY_DYNAMIC_DISPATCH(softmax_nll_float)(logits, labels.data(), scale, delta, losses.data());
}
void softmax_nll(MatrixView<const double> logits, std::span<const std::uint8_t> labels,
                 double scale, MatrixView<double> delta, std::span<double> losses) {
  check_softmax(logits, labels, delta, losses);
  HWY_DYNAMIC_DISPATCH(softmax_nll_double)(logits, labels.data(), scale, delta, losses.data());
}

bool predicts(std::span<const float> logits, std::uint8_t label) {
  return predicts_of(logits, label);
}
bool predicts(std::span<const double> logits, std::uint8_t label) {
  return predicts_of(logits, label);
}

}  // namespace ravine
#endif
