#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <span>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/thread_team.hpp"

namespace ravine {

/// A vector that a team sums up in a fixed number of chunks, by a balanced binary tree over them:
/// the same bits whoever computes which chunk. A member adds up what it has of the tree as it goes,
/// in few buffers that stay in its caches; only the sums that are left come from one core to
/// another.
class ChunkedSum {
 public:
  /// chunks: a power of two.
  explicit ChunkedSum(std::size_t chunks) : chunks_(chunks) {}

  /// Before the team starts: the vector's size from now on.
  void resize(std::size_t size) {
    size_ = size;
    stride_ = (size + 7) / 8 * 8;  // every buffer begins with a cache line
    if (buffers_.size() < chunks_ * stride_) buffers_.resize(chunks_ * stride_);
  }

  int chunks() const { return static_cast<int>(chunks_); }

  /// The chunks of a member of the team: add_chunk(chunk, sum) adds one to its sum, zero at first.
  template <class AddChunk>
  void add_chunks(int member, const ThreadTeam& team, const AddChunk& add_chunk) {
    const IndexRange mine = chunks_of(member, team);
    std::size_t buffer = mine.begin;
    for (std::size_t end = mine.begin + 1; end <= mine.end; ++end) {
      const std::span<double> sum(buffers_.data() + buffer++ * stride_, size_);
      std::ranges::fill(sum, 0.0);
      add_chunk(end - 1, sum);
      // Both halves of a node that ends here are done, in the last two buffers.
      for (std::size_t width = 2; end % width == 0 && end - mine.begin >= width; width *= 2) {
        const double* right = buffers_.data() + --buffer * stride_;
        double* left = buffers_.data() + (buffer - 1) * stride_;
        for (std::size_t j = 0; j < size_; ++j) left[j] += right[j];
      }
    }
  }

  /// When all chunks are done: total <- their sum, the part of it that is this member's.
  void add_up(int member, const ThreadTeam& team, std::span<double> total) const {
    const IndexRange part = split_range(size_, team.size(), member, 64);
    for (std::size_t begin = part.begin; begin < part.end; begin += kBlock) {
      const IndexRange block{begin, std::min(part.end, begin + kBlock)};
      sum_node(0, chunks_, team, block, total.data() + begin);
    }
  }

 private:
  static constexpr std::size_t kBlock = 1024;  // numbers that stay in first-level cache

  IndexRange chunks_of(int member, const ThreadTeam& team) const {
    return split_range(chunks_, team.size(), member);
  }

  /// out <- a block of the sum of `width` chunks from `first` on, a node of the tree.
  void sum_node(std::size_t first, std::size_t width, const ThreadTeam& team, IndexRange block,
                double* out) const {
    int owner = 0;
    while (chunks_of(owner, team).end <= first) ++owner;
    const IndexRange chunks = chunks_of(owner, team);
    if (first + width <= chunks.end) {
      const double* sum = buffers_.data() + buffer_of(first, chunks.begin) * stride_;
      std::copy(sum + block.begin, sum + block.end, out);
      return;
    }
    std::array<double, kBlock> right;
    sum_node(first, width / 2, team, block, out);
    sum_node(first + width / 2, width / 2, team, block, right.data());
    for (std::size_t j = 0; j < block.size(); ++j) out[j] += right[j];
  }

  /// The buffer of the largest node that begins with a chunk, of a member whose chunks are those
  /// from `begin` on: the nodes before it take one each.
  static std::size_t buffer_of(std::size_t chunk, std::size_t begin) {
    std::size_t buffer = begin;
    for (std::size_t node = begin; node < chunk; ++buffer) {
      const std::size_t room = std::bit_floor(chunk - node);
      node += node == 0 ? room : std::min(room, node & -node);
    }
    return buffer;
  }

  std::size_t chunks_;
  std::size_t size_ = 0;
  std::size_t stride_ = 0;
  AlignedBuffer<double> buffers_;  // (chunks, stride)
};

}  // namespace ravine
