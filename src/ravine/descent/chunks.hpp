#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ravine/base/thread_team.hpp"
#include "ravine/objective/parameter_layout.hpp"

namespace ravine {

/// A piece of one block of the flat vector.
struct Chunk {
  std::size_t block = 0;
  std::size_t offset = 0;
  std::size_t size = 0;

  /// Its part of a flat vector.
  template <class T>
  std::span<T> of(std::span<T> flat) const {
    return flat.subspan(offset, size);
  }
};

/// Elements of a chunk at most.
inline constexpr std::size_t kLargestChunk = 4096;

/// Cuts every block into pieces of at most kLargestChunk, independent of the number of threads.
std::vector<Chunk> cut_into_chunks(const ParameterLayout& layout);

/// Calls work(index) for a member's share of the chunks of every block. Passes over a matrix that
/// are split like this, or by rows, find what the member wrote last in its own cache.
template <class Work>
void for_each_own_chunk(std::span<const Chunk> chunks, const ThreadTeam& team, int member,
                        Work work) {
  for (std::size_t begin = 0, end = 0; begin < chunks.size(); begin = end) {
    while (end < chunks.size() && chunks[end].block == chunks[begin].block) ++end;
    const IndexRange mine = split_range(end - begin, team.size(), member);
    for (std::size_t c = begin + mine.begin; c < begin + mine.end; ++c) work(c);
  }
}

/// Sums over a flat vector that are found chunk by chunk. What they come to does not depend on who
/// found which. `chunks` must outlive this.
class ChunkSums {
 public:
  explicit ChunkSums(std::span<const Chunk> chunks) : chunks_(chunks) {}

  /// Where to put the next ones, one a chunk; nowhere unless they are wanted.
  std::span<double> expect(bool wanted = true);
  bool are_wanted() const { return !parts_.empty(); }

  /// of_blocks: one a block <- the sums of its chunks' parts, added in order. If wanted.
  void add_up(std::span<double> of_blocks) const;
  /// The roots of these.
  void take_norms(std::span<double> of_blocks) const;

 private:
  std::span<const Chunk> chunks_;
  std::vector<double> parts_;
};

}  // namespace ravine
