#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/data/state_archive.hpp"

namespace ravine {

/// The gradient of a step and, where it is asked for, that of the step before: two buffers take
/// turns, so that nothing is copied.
template <class T>
class GradientBuffers {
 public:
  GradientBuffers(std::size_t size, bool keeps_last)
      : buffers_{AlignedBuffer<T>(size), AlignedBuffer<T>(keeps_last ? size : 0)} {}

  std::span<T> of(std::int64_t step) { return buffers_[keeps_last() && step % 2 != 0 ? 1 : 0]; }

  /// Empty at step 0 and where it is not kept.
  std::span<const T> before(std::int64_t step) {
    return keeps_last() && step > 0 ? of(step - 1) : std::span<T>();
  }

  /// Saves or restores what before(next_step) gives.
  void exchange_state(StateArchive& state, std::int64_t next_step) {
    if (keeps_last() && next_step > 0) state.values("last_gradient", of(next_step - 1));
  }

 private:
  bool keeps_last() const { return !buffers_[1].empty(); }

  std::array<AlignedBuffer<T>, 2> buffers_;
};

}  // namespace ravine
