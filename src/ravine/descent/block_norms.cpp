#include "ravine/descent/block_norms.hpp"

#include <algorithm>
#include <cmath>

#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

namespace {

constexpr std::size_t kChunkSize = 4096;

}  // namespace

std::vector<Chunk> cut_into_chunks(const ParameterLayout& layout) {
  std::vector<Chunk> chunks;
  for (std::size_t b = 0; b < layout.blocks().size(); ++b) {
    const ParameterBlock& block = layout.blocks()[b];
    for (std::size_t done = 0; done < block.size(); done += kChunkSize) {
      chunks.push_back({b, block.offset + done, std::min(kChunkSize, block.size() - done)});
    }
  }
  return chunks;
}

void add_chunks(std::span<const Chunk> chunks, std::span<const double> parts,
                std::span<double> sums) {
  std::ranges::fill(sums, 0.0);
  for (std::size_t c = 0; c < chunks.size(); ++c) sums[chunks[c].block] += parts[c];
}

template <class T>
BlockNorms<T>::BlockNorms(std::span<const Chunk> chunks)
    : chunks_(chunks), squares_(chunks.size()) {}

template <class T>
void BlockNorms<T>::compute(std::span<const T> flat, ThreadTeam& team, std::span<double> norms) {
  team.run([&](int member) {
    for_each_own_chunk(chunks_, team, member, [&](std::size_t c) {
      squares_[c] = squared_norm(flat.subspan(chunks_[c].offset, chunks_[c].size));
    });
  });
  add_chunks(chunks_, squares_, norms);
  for (double& norm : norms) norm = std::sqrt(norm);
}

template class BlockNorms<float>;
template class BlockNorms<double>;

}  // namespace ravine
