// The product of a column and a row. Included once per instruction set.
#if defined(RAVINE_OUTER_PRODUCT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAVINE_OUTER_PRODUCT_INL_H
#undef RAVINE_OUTER_PRODUCT_INL_H
#else
#define RAVINE_OUTER_PRODUCT_INL_H
#endif

#include <cstddef>

#include <hwy/highway.h>

#include "ravine/base/matrix_view.hpp"
#include "ravine/kernels/native/partial_vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// to <- factor b, or to += factor b: a vector, or the first lanes of one.
template <bool kAccumulate, class D, class V, class T = hn::TFromD<D>>
void put_multiple(D d, V factor, V b, T* to) {
  hn::StoreU(hn::MulAdd(factor, b, kAccumulate ? hn::LoadU(d, to) : hn::Zero(d)), d, to);
}
template <bool kAccumulate, class D, class V, class T = hn::TFromD<D>>
void put_multiple(D d, V factor, V b, T* to, const FirstLanes<D>& first) {
  first.store(hn::MulAdd(factor, b, kAccumulate ? first.load(d, to) : hn::Zero(d)), d, to);
}

/// Of a row b of kVectors vectors, which stay in registers, the last one of them masked.
template <std::size_t kVectors, bool kAccumulate, class D, class T = hn::TFromD<D>>
void narrow_outer_product(D d, const T* a, std::size_t a_step, const T* b, const MatrixView<T>& c) {
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t last = (kVectors - 1) * lanes;
  const FirstLanes<D> rest(d, c.cols - last);
  hn::Vec<D> row[kVectors];
#pragma GCC unroll 4
  for (std::size_t j = 0; j + 1 < kVectors; ++j) row[j] = hn::LoadU(d, b + j * lanes);
  row[kVectors - 1] = rest.load(d, b + last);
  const T* HWY_RESTRICT left = a;
  T* HWY_RESTRICT to = c.data;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < c.rows; ++i, left += a_step, to += c.stride) {
    const auto factor = hn::Set(d, *left);
#pragma GCC unroll 4
    for (std::size_t j = 0; j + 1 < kVectors; ++j) {
      put_multiple<kAccumulate>(d, factor, row[j], to + j * lanes);
    }
    put_multiple<kAccumulate>(d, factor, row[kVectors - 1], to + last, rest);
  }
}

/// C = a b^T, or C += a b^T, element i of a at a[i * a_step]. A wide C is written from its first
/// element to its last.
template <bool kAccumulate, std::size_t kVectors = 4, class D, class T = hn::TFromD<D>>
void outer_product(D d, const T* a, std::size_t a_step, const T* b, const MatrixView<T>& c) {
  const std::size_t lanes = hn::Lanes(d);
  if constexpr (kVectors > 1) {
    if (c.cols <= (kVectors - 1) * lanes) {
      return outer_product<kAccumulate, kVectors - 1>(d, a, a_step, b, c);
    }
  }
  if (c.cols <= kVectors * lanes) {
    return narrow_outer_product<kVectors, kAccumulate>(d, a, a_step, b, c);
  }
  for (std::size_t i = 0; i < c.rows; ++i) {
    T* HWY_RESTRICT row = c.row(i).data();
    const auto factor = hn::Set(d, a[i * a_step]);
    std::size_t j = 0;
    for (; j + lanes < c.cols; j += lanes) {
      put_multiple<kAccumulate>(d, factor, hn::LoadU(d, b + j), row + j);
    }
    const FirstLanes<D> rest(d, c.cols - j);
    put_multiple<kAccumulate>(d, factor, rest.load(d, b + j), row + j, rest);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
