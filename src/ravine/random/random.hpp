#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ravine {

/// Names one infinite sequence of random numbers: its n-th number is a function of (seed, name, n)
/// alone, so any thread may make any part of it in any order. Philox4x32-10 (Salmon, Moraes, Dror,
/// Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011); the seed is the key, the hashed
/// name and n are the counter.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name);

  /// Numbers number `first`, `first + 1`, ... of the sequence, uniform in [low, high] (rounding may
  /// reach the ends).
  void fill_uniform(std::span<float> out, double low, double high, std::uint64_t first = 0) const;
  void fill_uniform(std::span<double> out, double low, double high, std::uint64_t first = 0) const;

  /// Independent N(0, 1) numbers by the Box-Muller transform in double precision; the float version
  /// gives the rounded doubles. |x| <= 6.77, which is sqrt(-2 log 2^-33).
  void fill_normal(std::span<float> out, std::uint64_t first = 0) const;
  void fill_normal(std::span<double> out, std::uint64_t first = 0) const;

  /// The integers 0 .. count-1 in random order (Fisher-Yates).
  std::vector<std::uint32_t> permutation(std::uint32_t count) const;

  /// Four 32-bit words number 4 * block .. 4 * block + 3.
  void words(std::uint64_t block, std::span<std::uint32_t, 4> out) const;

 private:
  template <class T>
  void fill_normal_of(std::span<T> out, std::uint64_t first) const;
  template <class T>
  void fill_uniform_of(std::span<T> out, double low, double high, std::uint64_t first) const;

  std::uint64_t seed_;
  std::uint64_t name_hash_;
};

}  // namespace ravine
