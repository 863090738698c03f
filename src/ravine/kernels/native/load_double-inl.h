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

/// As many numbers of type T as D has doubles.
template <class T, class D>
using Narrow = hn::Rebind<T, D>;

template <class D>
hn::Vec<D> widened(D, hn::Vec<Narrow<double, D>> x) {
  return x;
}
template <class D>
hn::Vec<D> widened(D d, hn::Vec<Narrow<float, D>> x) {
  return hn::PromoteTo(d, x);
}

template <class D, class T>
hn::Vec<D> load_double(D d, const T* x) {
  return widened(d, hn::LoadU(Narrow<T, D>(), x));
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
