#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/thread_team.hpp"

namespace ravine {

/// A vector that a team sums up in a fixed number of chunks, added in order: the same bits whoever
/// computes which chunk.
class ChunkedSum {
 public:
  explicit ChunkedSum(std::size_t chunks) : chunks_(chunks) {}

  /// Before the team starts: the vector's size from now on.
  void resize(std::size_t size) {
    size_ = size;
    stride_ = (size + 7) / 8 * 8;  // every chunk begins with a cache line
    if (partial_.size() < chunks_ * stride_) partial_.resize(chunks_ * stride_);
  }

  /// The chunks of a member of the team.
  IndexRange chunks_of(int member, const ThreadTeam& team) const {
    return split_range(chunks_, team.size(), member);
  }
  int chunks() const { return static_cast<int>(chunks_); }

  /// The sum of one chunk, zero at first.
  std::span<double> start(std::size_t chunk) {
    const std::span<double> sum = std::span(partial_).subspan(chunk * stride_, size_);
    std::ranges::fill(sum, 0.0);
    return sum;
  }

  /// When all chunks are done: total <- their sum, the part of it that is this member's.
  void add_up(int member, const ThreadTeam& team, std::span<double> total) const {
    const IndexRange part = split_range(size_, team.size(), member, 64);
    std::copy(partial_.begin() + static_cast<std::ptrdiff_t>(part.begin),
              partial_.begin() + static_cast<std::ptrdiff_t>(part.end),
              total.begin() + static_cast<std::ptrdiff_t>(part.begin));
    for (std::size_t chunk = 1; chunk < chunks_; ++chunk) {
      const double* addend = partial_.data() + chunk * stride_;
      for (std::size_t j = part.begin; j < part.end; ++j) total[j] += addend[j];
    }
  }

 private:
  std::size_t chunks_;
  std::size_t size_ = 0;
  std::size_t stride_ = 0;
  AlignedBuffer<double> partial_;  // (chunks, stride)
};

}  // namespace ravine
