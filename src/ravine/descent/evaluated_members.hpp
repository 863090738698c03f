#pragma once

#include <cstdint>
#include <span>

namespace ravine {

/// All members where they were just evaluated. Only active ones are moved.
template <class T>
struct EvaluatedMembers {
  std::int64_t step = 0;
  double learning_rate = 0;
  std::span<const double> losses;
  std::span<const std::uint8_t> active;
  std::span<const T> gradient;       ///< flat
  std::span<const T> last_gradient;  ///< of the step before; empty where not compared
  std::span<T> parameters;           ///< flat
};

}  // namespace ravine
