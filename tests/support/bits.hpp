#pragma once

#include <cstring>
#include <span>

#include "ravine/base/matrix_view.hpp"

namespace ravine::testing {

/// Whether two sequences have the same bits, not only equal numbers.
template <class A, class B>
bool same_bits(const A& a, const B& b) {
  const std::span x(a);
  const std::span y(b);
  return x.size() == y.size() &&
         (x.empty() || std::memcmp(x.data(), y.data(), x.size_bytes()) == 0);
}

template <class T>
bool same_bits(MatrixView<T> a, MatrixView<T> b) {
  if (a.rows != b.rows || a.cols != b.cols) return false;
  for (std::size_t i = 0; i < a.rows; ++i) {
    if (!same_bits(a.row(i), b.row(i))) return false;
  }
  return true;
}

}  // namespace ravine::testing
