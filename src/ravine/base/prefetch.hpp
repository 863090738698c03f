#pragma once

#include <cstddef>
#include <span>

namespace ravine {

/// Asks for elements that are needed soon, without waiting for them.
template <class T>
void prefetch(std::span<const T> elements) {
  constexpr std::size_t kLine = 64 / sizeof(T);
  for (std::size_t i = 0; i < elements.size(); i += kLine) __builtin_prefetch(&elements[i]);
}

}  // namespace ravine
