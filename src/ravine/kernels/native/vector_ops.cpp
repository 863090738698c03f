#include "ravine/kernels/vector_ops.hpp"

#include <algorithm>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/kernels/native/vector_ops.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
// clang-format on

#include "ravine/kernels/native/dot-inl.h"
#include "ravine/kernels/native/for_each_vector-inl.h"

#ifndef RAVINE_BYTE_SUMS
#define RAVINE_BYTE_SUMS
namespace ravine {
namespace {

constexpr std::size_t kByteBlock = 1 << 15;  // whose squares add up to less than 2^31

struct ByteSums {
  std::uint64_t bytes = 0, squares = 0;
};

}  // namespace
}  // namespace ravine
#endif

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

template <class T>
void add_scaled_of(T factor, const T* x, T* y, std::size_t count) {
  for_each_vector(y, x, count, [factor](auto d, auto old, auto change) {
    return hn::MulAdd(hn::Set(d, factor), change, old);
  });
}

template <class T>
double sum_of(const T* x, std::size_t count) {
  const hn::ScalableTag<double> d;
  std::size_t i = 0;
  auto [sum] = sums_of_vectors<1>(count, i, [&](auto& sums, std::size_t part, std::size_t at) {
    sums[0].add(part, load_double(d, x + at));
  });
  for (; i < count; ++i) sum += static_cast<double>(x[i]);
  return sum;
}

template <class T>
double squared_distance_of(const T* x, const T* y, std::size_t count) {
  const hn::ScalableTag<double> d;
  const Narrow<T, decltype(d)> narrow;
  std::size_t i = 0;
  auto [sum] = sums_of_vectors<1>(count, i, [&](auto& sums, std::size_t part, std::size_t at) {
    const auto difference =
        widened(d, hn::Sub(hn::LoadU(narrow, x + at), hn::LoadU(narrow, y + at)));
    sums[0].add_product(part, difference, difference);
  });
  for (; i < count; ++i) {
    const auto difference = static_cast<double>(x[i] - y[i]);
    sum += difference * difference;
  }
  return sum;
}

void bytes_to_floats(const std::uint8_t* bytes, float scale, float shift, float* out,
                     std::size_t count) {
  const hn::ScalableTag<float> d;
  const hn::Rebind<std::uint8_t, decltype(d)> quarter;
  const hn::Rebind<std::int32_t, decltype(d)> integers;
  const std::size_t lanes = hn::Lanes(d);
  const auto factor = hn::Set(d, scale);
  const auto offset = hn::Set(d, shift);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto x = hn::ConvertTo(d, hn::PromoteTo(integers, hn::LoadU(quarter, bytes + i)));
    hn::StoreU(hn::MulAdd(factor, x, offset), d, out + i);
  }
  for (; i < count; ++i) {
    const auto x = hn::Set(d, static_cast<float>(bytes[i]));
    out[i] = hn::GetLane(hn::MulAdd(factor, x, offset));
  }
}

/// Of at most kByteBlock bytes.
ByteSums byte_sums(const std::uint8_t* bytes, std::size_t count) {
  ByteSums sums;
  std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<std::uint8_t> d;
  const hn::Repartition<std::uint16_t, decltype(d)> wide;
  const hn::Repartition<std::int16_t, decltype(d)> pairs;
  const hn::Repartition<std::int32_t, decltype(d)> quads;
  const hn::Repartition<std::uint64_t, decltype(d)> eights;
  auto bytes_sum = hn::Zero(eights);
  auto even_squares = hn::Zero(quads), odd_squares = even_squares, second = even_squares;
  const auto add = [&](auto x) {
    const auto both = hn::BitCast(wide, x);
    const auto even = hn::BitCast(pairs, hn::And(both, hn::Set(wide, 255)));
    const auto odd = hn::BitCast(pairs, hn::ShiftRight<8>(both));
    bytes_sum = hn::Add(bytes_sum, hn::SumsOf8(x));
    even_squares = hn::ReorderWidenMulAccumulate(quads, even, even, even_squares, second);
    odd_squares = hn::ReorderWidenMulAccumulate(quads, odd, odd, odd_squares, second);
  };
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) add(hn::LoadU(d, bytes + i));
  if (i < count) add(FirstLanes<decltype(d)>(d, count - i).load(d, bytes + i));
  const auto squares = hn::Add(hn::Add(even_squares, odd_squares), second);
  sums.bytes = hn::GetLane(hn::SumOfLanes(eights, bytes_sum));
  sums.squares = static_cast<std::uint64_t>(hn::GetLane(hn::SumOfLanes(quads, squares)));
#else
  for (; i < count; ++i) {
    const std::uint32_t byte = bytes[i];
    sums.bytes += byte;
    sums.squares += byte * byte;
  }
#endif
  return sums;
}

double dot_float(const float* x, const float* y, std::size_t count) {
  return dot_of<false>(x, y, count);
}
double dot_double(const double* x, const double* y, std::size_t count) {
  return dot_of<false>(x, y, count);
}
double sum_float(const float* x, std::size_t count) { return sum_of(x, count); }
double sum_double(const double* x, std::size_t count) { return sum_of(x, count); }
double squared_norm_float(const float* x, std::size_t count) { return dot_of<true>(x, x, count); }
double squared_norm_double(const double* x, std::size_t count) { return dot_of<true>(x, x, count); }
double squared_distance_float(const float* x, const float* y, std::size_t count) {
  return squared_distance_of(x, y, count);
}
double squared_distance_double(const double* x, const double* y, std::size_t count) {
  return squared_distance_of(x, y, count);
}
void add_scaled_float(float factor, const float* x, float* y, std::size_t count) {
  add_scaled_of(factor, x, y, count);
}
void add_scaled_double(double factor, const double* x, double* y, std::size_t count) {
  add_scaled_of(factor, x, y, count);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(sum_float);
HWY_EXPORT(sum_double);
HWY_EXPORT(squared_norm_float);
HWY_EXPORT(squared_norm_double);
HWY_EXPORT(dot_float);
HWY_EXPORT(dot_double);
HWY_EXPORT(squared_distance_float);
HWY_EXPORT(squared_distance_double);
HWY_EXPORT(add_scaled_float);
HWY_EXPORT(add_scaled_double);
HWY_EXPORT(bytes_to_floats);
HWY_EXPORT(byte_sums);

double sum(std::span<const float> x) { return HWY_DYNAMIC_DISPATCH(sum_float)(x.data(), x.size()); }
double sum(std::span<const double> x) {
  return HWY_DYNAMIC_DISPATCH(sum_double)(x.data(), x.size());
}

double squared_norm(std::span<const float> x) {
  return HWY_DYNAMIC_DISPATCH(squared_norm_float)(x.data(), x.size());
}
double squared_norm(std::span<const double> x) {
  return HWY_DYNAMIC_DISPATCH(squared_norm_double)(x.data(), x.size());
}

double dot(std::span<const float> x, std::span<const float> y) {
  return HWY_DYNAMIC_DISPATCH(dot_float)(x.data(), y.data(), x.size());
}
double dot(std::span<const double> x, std::span<const double> y) {
  return HWY_DYNAMIC_DISPATCH(dot_double)(x.data(), y.data(), x.size());
}

double squared_distance(std::span<const float> x, std::span<const float> y) {
  return HWY_DYNAMIC_DISPATCH(squared_distance_float)(x.data(), y.data(), x.size());
}
double squared_distance(std::span<const double> x, std::span<const double> y) {
  return HWY_DYNAMIC_DISPATCH(squared_distance_double)(x.data(), y.data(), x.size());
}

void add_scaled(double factor, std::span<const float> x, std::span<float> y) {
  HWY_DYNAMIC_DISPATCH(add_scaled_float)
  (static_cast<float>(factor), x.data(), y.data(), y.size());
}
void add_scaled(double factor, std::span<const double> x, std::span<double> y) {
  HWY_DYNAMIC_DISPATCH(add_scaled_double)(factor, x.data(), y.data(), y.size());
}

void affine_from_bytes(std::span<const std::uint8_t> bytes, double scale, double shift,
                       std::span<float> out) {
  HWY_DYNAMIC_DISPATCH(bytes_to_floats)
  (bytes.data(), static_cast<float>(scale), static_cast<float>(shift), out.data(), out.size());
}
void affine_from_bytes(std::span<const std::uint8_t> bytes, double scale, double shift,
                       std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = scale * bytes[i] + shift;
}

double affine_square(std::span<const std::uint8_t> bytes, double scale, double shift) {
  ByteSums total;
  for (std::size_t i = 0; i < bytes.size(); i += kByteBlock) {
    const ByteSums sums =
        HWY_DYNAMIC_DISPATCH(byte_sums)(&bytes[i], std::min(kByteBlock, bytes.size() - i));
    total.bytes += sums.bytes;
    total.squares += sums.squares;
  }
  return scale * scale * static_cast<double>(total.squares) +
         2 * scale * shift * static_cast<double>(total.bytes) +
         shift * shift * static_cast<double>(bytes.size());
}

}  // namespace ravine
#endif
