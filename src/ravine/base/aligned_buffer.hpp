#pragma once

#include <cstddef>
#include <new>
#include <vector>

#include <sys/mman.h>

namespace ravine {

/// Allocates on cache-line boundaries, so vector loads of whole rows do not straddle lines. Large
/// buffers begin on a 2 MiB boundary and ask for pages of that size: streams over them then miss
/// the translation buffer seldom, and hardware prefetch does not stop every 4 KiB.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::size_t kLine = 64;
  static constexpr std::size_t kLargePage = std::size_t{1} << 21;

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t count) {
    if (count > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
    const std::size_t bytes = count * sizeof(T);
    void* memory = ::operator new(bytes, alignment(count));
    // Only whole large pages, and only a wish: without them the buffer is as good, but slower.
    if (is_large(count)) madvise(memory, bytes / kLargePage * kLargePage, MADV_HUGEPAGE);
    return static_cast<T*>(memory);
  }
  void deallocate(T* pointer, std::size_t count) { ::operator delete(pointer, alignment(count)); }
  bool operator==(const AlignedAllocator&) const = default;

 private:
  static bool is_large(std::size_t count) { return count * sizeof(T) >= 2 * kLargePage; }
  static std::align_val_t alignment(std::size_t count) {
    return std::align_val_t{is_large(count) ? kLargePage : kLine};
  }
};

/// A vector whose first element is 64-byte aligned.
template <class T>
using AlignedBuffer = std::vector<T, AlignedAllocator<T>>;

}  // namespace ravine
