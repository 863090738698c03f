// The upper tail of the normal distribution. Included once per instruction set.
#if defined(RAVINE_NORMAL_TAIL_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAVINE_NORMAL_TAIL_INL_H
#undef RAVINE_NORMAL_TAIL_INL_H
#else
#define RAVINE_NORMAL_TAIL_INL_H
#endif

#include <cstddef>
#include <iterator>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Mills' ratio falls like 1/x. With q = (x - 4) / (x + 4), which takes x >= 0 to [-1, 1), the
// function (x + 4) e^{x^2/2} P(X > x) of q is smooth: here are the coefficients of the polynomials
// in q, lowest first, that agree with it at the Chebyshev nodes of 0 <= x <= kLimit, computed with
// 50 digits. The relative error is at most 2.9e-9 (degree 10) and 1.9e-16 (degree 22, most of it
// from rounding the coefficients). Beyond kLimit the tail underflows.
template <class T>
struct NormalTail;

template <>
struct NormalTail<float> {
  static constexpr float kLimit = 15;
  static constexpr float kCoefficients[] = {0.755285131F,     -0.607896659F,   0.387137368F,
                                            -0.186521281F,    0.0603975331F,   -0.00754526827F,
                                            -0.00348931728F,  0.0016452193F,   0.000171054612F,
                                            -0.000231798678F, -5.15565933e-05F};
};

template <>
struct NormalTail<double> {
  static constexpr double kLimit = 40;
  static constexpr double kCoefficients[] = {
      0.75528513041575152,     -0.60789664197189175,    0.38713740074221936,
      -0.18652185795969339,    0.060396574890676652,    -0.0075401889656250172,
      -0.0034796923618040597,  0.0016308184424805887,   0.00013334424978358428,
      -0.00023109482414997105, -1.9078434059248706e-06, 3.5144214968257802e-05,
      7.1493083254784012e-07,  -5.9190131861540437e-06, -6.2499069953697853e-07,
      1.0200713392568465e-06,  2.6354310560684456e-07,  -1.546196819122192e-07,
      -7.6347128434410856e-08, 1.4842390072751344e-08,  1.3976528155950821e-08,
      -1.0152957176496179e-11, -9.9906241600232759e-10};
};

/// e^{x^2/2} P(X > x) of X ~ N(0, 1), for 0 <= x <= kLimit.
template <class D, class V>
V scaled_normal_tail(D d, V x) {
  using Tail = NormalTail<hn::TFromD<D>>;
  const V four = hn::Set(d, 4);
  const V r = hn::Div(hn::Set(d, 1), hn::Add(x, four));
  const V q = hn::Mul(hn::Sub(x, four), r);
  std::size_t k = std::size(Tail::kCoefficients) - 1;
  V sum = hn::Set(d, Tail::kCoefficients[k]);
  while (k-- > 0) sum = hn::MulAdd(sum, q, hn::Set(d, Tail::kCoefficients[k]));
  return hn::Mul(sum, r);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
