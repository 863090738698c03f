#pragma once

#include <span>
#include <vector>

#include "ravine/base/thread_team.hpp"
#include "ravine/descent/chunks.hpp"

namespace ravine {

/// Frobenius norms of the blocks of a flat vector, and their inner products with those of another,
/// in a pass of the team over it; the result does not depend on the number of threads. `chunks`
/// must outlive this.
template <class T>
class BlockNorms {
 public:
  explicit BlockNorms(std::span<const Chunk> chunks);

  /// flat: layout.size(); norms: one a block.
  void compute(std::span<const T> flat, ThreadTeam& team, std::span<double> norms);

  /// The same norms, and products: one a block, or none where `other` is empty; both flat vectors
  /// are read once.
  void compute(std::span<const T> flat, std::span<const T> other, ThreadTeam& team,
               std::span<double> norms, std::vector<double>& products);

 private:
  template <class Sum>
  void for_each_chunk(ThreadTeam& team, Sum sum);

  std::span<const Chunk> chunks_;
  ChunkSums squares_, products_;
};

}  // namespace ravine
