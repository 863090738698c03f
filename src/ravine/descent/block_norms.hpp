#pragma once

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

/// norms: one a block <- the roots of the sums of its chunks' squares, added in order.
void norms_of_chunks(std::span<const Chunk> chunks, std::span<const double> squares,
                     std::span<double> norms);

/// Where sums over a gradient go, one a chunk; empty where they are not wanted.
struct GradientSums {
  std::span<double> squares;   ///< squared norm
  std::span<double> products;  ///< inner product with the gradient of the step before
};

/// Frobenius norms of the blocks of a flat vector, and their inner products with those of another;
/// partial sums per chunk are added in order, so the result does not depend on the number of
/// threads. `chunks` must outlive this.
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

  /// The same for who finds the sums otherwise: where to put them,
  GradientSums expect(bool products) {
    return {squares_, std::span(products_).first(products ? products_.size() : 0)};
  }
  /// and what they come to, after expect(has_products).
  void take(bool has_products, std::span<double> norms, std::vector<double>& products) const;

 private:
  template <class Sum>
  void sum_chunks(ThreadTeam& team, Sum sum);

  std::span<const Chunk> chunks_;
  std::vector<double> squares_, products_;  // one a chunk
};

}  // namespace ravine
