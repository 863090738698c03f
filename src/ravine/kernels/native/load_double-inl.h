// Loads a vector of doubles from an array of doubles or floats. Included once per instruction set.
#if defined(RAVINE_LOAD_DOUBLE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAVINE_LOAD_DOUBLE_INL_H
#undef RAVINE_LOAD_DOUBLE_INL_H
#else
#define RAVINE_LOAD_DOUBLE_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
hn::Vec<D> load_double(D d, const double* x) {
  return hn::LoadU(d, x);
}
template <class D>
hn::Vec<D> load_double(D d, const float* x) {
  const hn::Rebind<float, D> half;
  return hn::PromoteTo(d, hn::LoadU(half, x));
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
