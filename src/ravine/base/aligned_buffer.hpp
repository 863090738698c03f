#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace ravine {

/// Allocates on cache-line boundaries, so vector loads of whole rows do not straddle lines.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t count) {
    if (count > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
    return static_cast<T*>(::operator new(count * sizeof(T), kAlignment));
  }
  void deallocate(T* pointer, std::size_t) { ::operator delete(pointer, kAlignment); }
  bool operator==(const AlignedAllocator&) const = default;
};

/// A vector whose first element is 64-byte aligned.
template <class T>
using AlignedBuffer = std::vector<T, AlignedAllocator<T>>;

}  // namespace ravine
