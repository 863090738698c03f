// Loops over arrays a vector at a time, the rest through a padded vector, so that the last elements
// get the same arithmetic as the others. Included once per instruction set.
#if defined(RAVINE_FOR_EACH_VECTOR_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAVINE_FOR_EACH_VECTOR_INL_H
#undef RAVINE_FOR_EACH_VECTOR_INL_H
#else
#define RAVINE_FOR_EACH_VECTOR_INL_H
#endif

#include <cstddef>

#include <hwy/highway.h>

#include "ravine/kernels/native/partial_vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// x[i] <- map(d, x[i])
template <class T, class Map>
void for_each_vector(T* HWY_RESTRICT x, std::size_t count, Map map) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(map(d, hn::LoadU(d, x + i)), d, x + i);
  if (i < count) {
    const FirstLanes<decltype(d)> rest(d, count - i);
    rest.store(map(d, rest.load(d, x + i)), d, x + i);
  }
}

/// x[i] <- map(d, x[i], y[i]); y may be x.
template <class T, class Map>
void for_each_vector(T* x, const T* y, std::size_t count, Map map) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(map(d, hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, x + i);
  }
  if (i < count) {
    const FirstLanes<decltype(d)> rest(d, count - i);
    rest.store(map(d, rest.load(d, x + i), rest.load(d, y + i)), d, x + i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
