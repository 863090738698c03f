#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ravine/base/matrix_view.hpp"
#include "ravine/base/prefetch.hpp"

namespace ravine {

/// Calls take(i, row) for the rows chosen[i], while those that come soon are fetched.
template <class T, class Take>
void for_each_chosen_row(MatrixView<const T> source, std::span<const std::uint32_t> chosen,
                         Take take) {
  constexpr std::size_t kAhead = 8;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (i + kAhead < chosen.size()) prefetch(source.row(chosen[i + kAhead]));
    take(i, source.row(chosen[i]));
  }
}

}  // namespace ravine
