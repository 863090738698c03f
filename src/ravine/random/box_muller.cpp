#include "ravine/random/box_muller.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ravine/random/box_muller.cpp"
// Highway includes this file once per instruction set; the order matters.
// clang-format off
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace ravine {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kPairs = 256;  // pairs transformed at a time

struct Pairs {
  alignas(64) double first[kPairs];   // the uniform u, then the normal of the even place
  alignas(64) double second[kPairs];  // the uniform v, then the normal of the odd place
};

void transform(Pairs& pairs) {
  const hn::ScalableTag<double> d;
  const auto minus_two = hn::Set(d, -2.0);
  const auto two_pi = hn::Set(d, 6.283185307179586476925);
  for (std::size_t i = 0; i < kPairs; i += hn::Lanes(d)) {
    const auto u = hn::Load(d, pairs.first + i);
    const auto angle = hn::Mul(two_pi, hn::Load(d, pairs.second + i));
    const auto radius = hn::Sqrt(hn::Mul(minus_two, hn::Log(d, u)));
    hn::Store(hn::Mul(radius, hn::Cos(d, angle)), d, pairs.first + i);
    hn::Store(hn::Mul(radius, hn::Sin(d, angle)), d, pairs.second + i);
  }
}

template <class T>
void box_muller_of(const std::uint32_t* words, T* normals, std::size_t count) {
  Pairs pairs;
  for (std::size_t done = 0; done < count; done += 2 * kPairs) {
    const std::size_t used = HWY_MIN(kPairs, (count - done) / 2);
    for (std::size_t i = 0; i < used; ++i) {
      pairs.first[i] = (words[done + 2 * i] + 0.5) * 0x1p-32;
      pairs.second[i] = words[done + 2 * i + 1] * 0x1p-32;
    }
    for (std::size_t i = used; i < kPairs; ++i) pairs.first[i] = pairs.second[i] = 0.5;
    transform(pairs);
    for (std::size_t i = 0; i < used; ++i) {
      normals[done + 2 * i] = static_cast<T>(pairs.first[i]);
      normals[done + 2 * i + 1] = static_cast<T>(pairs.second[i]);
    }
  }
}

void box_muller_double(const std::uint32_t* words, double* normals, std::size_t count) {
  box_muller_of(words, normals, count);
}
void box_muller_float(const std::uint32_t* words, float* normals, std::size_t count) {
  box_muller_of(words, normals, count);
}

}  // namespace HWY_NAMESPACE
}  // namespace ravine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravine {

HWY_EXPORT(box_muller_double);
HWY_EXPORT(box_muller_float);

void box_muller(std::span<const std::uint32_t> words, std::span<double> normals) {
  HWY_DYNAMIC_DISPATCH(box_muller_double)(words.data(), normals.data(), words.size());
}
void box_muller(std::span<const std::uint32_t> words, std::span<float> normals) {
  HWY_DYNAMIC_DISPATCH(box_muller_float)(words.data(), normals.data(), words.size());
}

}  // namespace ravine
#endif
