#pragma once

#include <cstddef>
#include <new>
#include <span>
#include <string_view>
#include <unistd.h>

#include <sys/mman.h>

#include "ravine/random/random.hpp"

namespace ravine::testing {

/// N(0, 1) numbers that end where a page begins that must not be touched: a kernel that reads or
/// writes past their end ends the program, in any build.
template <class T>
class PageEndBuffer {
 public:
  PageEndBuffer(std::size_t count, std::string_view name) : count_(count) {
    const auto page = static_cast<std::size_t>(::getpagesize());
    const std::size_t pages = (count * sizeof(T) + page - 1) / page;
    bytes_ = (pages + 1) * page;
    memory_ = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
    char* const end = static_cast<char*>(memory_) + pages * page;
    ::mprotect(end, page, PROT_NONE);
    first_ = reinterpret_cast<T*>(end - count * sizeof(T));
    RandomStream(1, name).fill_normal(span());
  }
  ~PageEndBuffer() { ::munmap(memory_, bytes_); }
  PageEndBuffer(const PageEndBuffer&) = delete;
  PageEndBuffer& operator=(const PageEndBuffer&) = delete;

  T* data() const { return first_; }
  std::span<T> span() const { return {first_, count_}; }

 private:
  std::size_t count_;
  std::size_t bytes_ = 0;
  void* memory_ = nullptr;
  T* first_ = nullptr;
};

}  // namespace ravine::testing
