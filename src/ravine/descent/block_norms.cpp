#include "ravine/descent/block_norms.hpp"

#include "ravine/kernels/successive.hpp"
#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

template <class T>
BlockNorms<T>::BlockNorms(std::span<const Chunk> chunks)
    : chunks_(chunks), squares_(chunks), products_(chunks) {}

/// Calls sum(chunk's number, chunk) for all chunks.
template <class T>
template <class Sum>
void BlockNorms<T>::for_each_chunk(ThreadTeam& team, Sum sum) {
  team.run([&](int member) {
    for_each_own_chunk(chunks_, team, member, [&](std::size_t c) { sum(c, chunks_[c]); });
  });
}

template <class T>
void BlockNorms<T>::compute(std::span<const T> flat, ThreadTeam& team, std::span<double> norms) {
  const std::span<double> squares = squares_.expect();
  for_each_chunk(
      team, [&](std::size_t c, const Chunk& chunk) { squares[c] = squared_norm(chunk.of(flat)); });
  squares_.take_norms(norms);
}

template <class T>
void BlockNorms<T>::compute(std::span<const T> flat, std::span<const T> other, ThreadTeam& team,
                            std::span<double> norms, std::vector<double>& products) {
  products.resize(other.empty() ? 0 : norms.size());
  if (other.empty()) return compute(flat, team, norms);
  const std::span<double> squares = squares_.expect(), inner = products_.expect();
  for_each_chunk(team, [&](std::size_t c, const Chunk& chunk) {
    const ProductSums sums = square_and_product(chunk.of(flat), chunk.of(other));
    squares[c] = sums.square;
    inner[c] = sums.product;
  });
  squares_.take_norms(norms);
  products_.add_up(products);
}

template class BlockNorms<float>;
template class BlockNorms<double>;

}  // namespace ravine
