#include "ravine/descent/chunks.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ravine {

namespace {

/// In whole rows where they are short enough, a power of two of them, so that the members' shares
/// of the chunks are those of the rows, nearly, and exactly where both are powers of two: what a
/// member wrote by rows it then finds in its own cache.
std::size_t most_of_a_chunk(const ParameterBlock& block) {
  return block.cols < kLargestChunk ? std::bit_floor(kLargestChunk / block.cols) * block.cols
                                    : kLargestChunk;
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

std::span<double> ChunkSums::expect(bool wanted) {
  parts_.resize(wanted ? chunks_.size() : 0);
  return parts_;
}

void ChunkSums::add_up(std::span<double> of_blocks) const {
  std::ranges::fill(of_blocks, 0.0);
  for (std::size_t c = 0; c < chunks_.size();) {
    const std::size_t block = chunks_[c].block;
    double sum = 0;
    for (; c < chunks_.size() && chunks_[c].block == block; ++c) sum += parts_[c];
    of_blocks[block] = sum;
  }
}

void ChunkSums::take_norms(std::span<double> of_blocks) const {
  add_up(of_blocks);
  for (double& norm : of_blocks) norm = std::sqrt(norm);
}

}  // namespace ravine
