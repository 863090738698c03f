#include "ravine/descent/block_norms.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "ravine/kernels/successive.hpp"
#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

namespace {

/// In whole rows where they are short enough, a power of two of them, so that the members' shares
/// of the chunks are those of the rows, nearly, and exactly where both are powers of two: what a
/// member wrote by rows it then finds in its own cache.
std::size_t most_of_a_chunk(const ParameterBlock& block) {
  return block.cols < kLargestChunk ? std::bit_floor(kLargestChunk / block.cols) * block.cols
                                    : kLargestChunk;
}

/// sums: one a block <- the sums of its chunks' parts, added in order.
void add_chunks(std::span<const Chunk> chunks, std::span<const double> parts,
                std::span<double> sums) {
  std::ranges::fill(sums, 0.0);
  for (std::size_t c = 0; c < chunks.size();) {
    const std::size_t block = chunks[c].block;
    double sum = 0;
    for (; c < chunks.size() && chunks[c].block == block; ++c) sum += parts[c];
    sums[block] = sum;
  }
}

}  // namespace

std::vector<Chunk> cut_into_chunks(const ParameterLayout& layout) {
  std::vector<Chunk> chunks;
  for (std::size_t b = 0; b < layout.blocks().size(); ++b) {
    const ParameterBlock& block = layout.blocks()[b];
    std::size_t size = 0;
    for (std::size_t done = 0; done < block.size(); done += size) {
      size = std::min(most_of_a_chunk(block), block.size() - done);
      chunks.push_back({b, block.offset + done, size});
    }
  }
  return chunks;
}

void norms_of_chunks(std::span<const Chunk> chunks, std::span<const double> squares,
                     std::span<double> norms) {
  add_chunks(chunks, squares, norms);
  for (double& norm : norms) norm = std::sqrt(norm);
}

template <class T>
BlockNorms<T>::BlockNorms(std::span<const Chunk> chunks)
    : chunks_(chunks), squares_(chunks.size()), products_(chunks.size()) {}

/// Calls sum(chunk's number, its offset, its size) for all chunks.
template <class T>
template <class Sum>
void BlockNorms<T>::sum_chunks(ThreadTeam& team, Sum sum) {
  team.run([&](int member) {
    for_each_own_chunk(chunks_, team, member,
                       [&](std::size_t c) { sum(c, chunks_[c].offset, chunks_[c].size); });
  });
}

template <class T>
void BlockNorms<T>::compute(std::span<const T> flat, ThreadTeam& team, std::span<double> norms) {
  sum_chunks(team, [&](std::size_t c, std::size_t offset, std::size_t size) {
    squares_[c] = squared_norm(flat.subspan(offset, size));
  });
  norms_of_chunks(chunks_, squares_, norms);
}

template <class T>
void BlockNorms<T>::compute(std::span<const T> flat, std::span<const T> other, ThreadTeam& team,
                            std::span<double> norms, std::vector<double>& products) {
  if (other.empty()) {
    products.clear();
    return compute(flat, team, norms);
  }
  sum_chunks(team, [&](std::size_t c, std::size_t offset, std::size_t size) {
    const ProductSums sums =
        square_and_product(flat.subspan(offset, size), other.subspan(offset, size));
    squares_[c] = sums.square;
    products_[c] = sums.product;
  });
  take(true, norms, products);
}

template <class T>
void BlockNorms<T>::take(bool has_products, std::span<double> norms,
                         std::vector<double>& products) const {
  norms_of_chunks(chunks_, squares_, norms);
  products.resize(has_products ? norms.size() : 0);
  if (has_products) add_chunks(chunks_, products_, products);
}

template class BlockNorms<float>;
template class BlockNorms<double>;

}  // namespace ravine
