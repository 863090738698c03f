// The first elements of a vector, without touching memory behind them: Highway's own masked loads
// read whole vectors where its emulation stands in for SIMD. Included once per instruction set.
#if defined(RAVINE_PARTIAL_VECTOR_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAVINE_PARTIAL_VECTOR_INL_H
#undef RAVINE_PARTIAL_VECTOR_INL_H
#else
#define RAVINE_PARTIAL_VECTOR_INL_H
#endif

#include <cstddef>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr bool kMaskedMemory = HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128;

/// x[0 : count], then zeros; count <= Lanes(d)
template <class D, class T = hn::TFromD<D>>
hn::Vec<D> load_first(D d, const T* x, std::size_t count) {
  if constexpr (kMaskedMemory) {
    return hn::MaskedLoad(hn::FirstN(d, count), d, x);
  } else {
    HWY_ALIGN T buffer[hn::MaxLanes(d)] = {};
    for (std::size_t i = 0; i < count; ++i) buffer[i] = x[i];
    return hn::Load(d, buffer);
  }
}

/// x[0 : count] <- v
template <class D, class T = hn::TFromD<D>>
void store_first(hn::Vec<D> v, D d, T* x, std::size_t count) {
  if constexpr (kMaskedMemory) {
    hn::BlendedStore(v, hn::FirstN(d, count), d, x);
  } else {
    HWY_ALIGN T buffer[hn::MaxLanes(d)];
    hn::Store(v, d, buffer);
    for (std::size_t i = 0; i < count; ++i) x[i] = buffer[i];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
