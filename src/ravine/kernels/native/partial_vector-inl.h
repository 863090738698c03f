// The first elements of a vector, without touching memory behind them: without masks in hardware,
// below AVX2, Highway's masked loads read whole vectors (a vector of one element too, though
// Highway says that those cannot fault). Included once per instruction set.
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

constexpr bool kMaskedMemory = HWY_MEM_OPS_MIGHT_FAULT == 0 && HWY_TARGET != HWY_SCALAR;

/// The first `count` <= Lanes(d) lanes of a vector.
template <class D>
class FirstLanes {
 public:
  using T = hn::TFromD<D>;
  using V = hn::Vec<D>;

  FirstLanes(D d, std::size_t count) : count_(count), mask_(hn::FirstN(d, count)) {}

  /// x[0 : count], then zeros
  V load(D d, const T* x) const {
    if constexpr (kMaskedMemory) {
      return hn::MaskedLoad(mask_, d, x);
    } else {
      HWY_ALIGN T buffer[hn::MaxLanes(d)] = {};
      for (std::size_t i = 0; i < count_; ++i) buffer[i] = x[i];
      return hn::Load(d, buffer);
    }
  }

  /// x[0 : count] <- v
  void store(V v, D d, T* x) const {
    if constexpr (kMaskedMemory) {
      hn::BlendedStore(v, mask_, d, x);
    } else {
      HWY_ALIGN T buffer[hn::MaxLanes(d)];
      hn::Store(v, d, buffer);
      for (std::size_t i = 0; i < count_; ++i) x[i] = buffer[i];
    }
  }

 private:
  std::size_t count_;
  hn::Mask<D> mask_;
};

/// A row of kVectors vectors, of which the last one may be partial.
template <std::size_t kVectors, class D>
class VectorRow {
 public:
  using T = hn::TFromD<D>;
  using V = hn::Vec<D>;

  /// More than kVectors - 1 vectors of numbers, at most kVectors.
  VectorRow(D d, std::size_t numbers)
      : last_((kVectors - 1) * hn::Lanes(d)),
        is_ragged_(numbers < kVectors * hn::Lanes(d)),
        rest_(d, numbers - last_) {}

  HWY_INLINE void load(D d, const T* x, V (&v)[kVectors]) const {
#pragma GCC unroll 4
    for (std::size_t j = 0; j + 1 < kVectors; ++j) v[j] = hn::LoadU(d, x + j * hn::Lanes(d));
    v[kVectors - 1] = is_ragged_ ? rest_.load(d, x + last_) : hn::LoadU(d, x + last_);
  }

  HWY_INLINE void store(const V (&v)[kVectors], D d, T* x) const {
#pragma GCC unroll 4
    for (std::size_t j = 0; j + 1 < kVectors; ++j) hn::StoreU(v[j], d, x + j * hn::Lanes(d));
    if (is_ragged_) {
      rest_.store(v[kVectors - 1], d, x + last_);
    } else {
      hn::StoreU(v[kVectors - 1], d, x + last_);
    }
  }

  /// The numbers of the last vector.
  const FirstLanes<D>& rest() const { return rest_; }

 private:
  std::size_t last_;
  bool is_ragged_;
  FirstLanes<D> rest_;
};

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
