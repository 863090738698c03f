#include "ravine/descent/gradient_cosine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

template <class T>
GradientCosine<T>::GradientCosine(std::span<const Chunk> chunks)
    : chunks_(chunks), parts_(chunks.size()) {}

template <class T>
void GradientCosine<T>::visit(std::span<const T> gradient, std::span<const T> last_gradient,
                              const ThreadTeam& team, int member) {
  if (last_gradient.empty()) return;
  for_each_own_chunk(chunks_, team, member, [&](std::size_t c) {
    const auto& [block, offset, size] = chunks_[c];
    parts_[c] = dot(gradient.subspan(offset, size), last_gradient.subspan(offset, size));
  });
}

template <class T>
void GradientCosine<T>::finish(std::span<const double> norms, std::span<double> cosines) {
  const std::span<double> of_blocks = cosines.first(norms.size());
  add_chunks(chunks_, parts_, of_blocks);
  if (last_norms_.empty()) {
    std::ranges::fill(cosines, std::numeric_limits<double>::quiet_NaN());
  } else {
    double product = 0, square = 0, last_square = 0;
    for (std::size_t b = 0; b < norms.size(); ++b) {
      product += of_blocks[b];
      square += norms[b] * norms[b];
      last_square += last_norms_[b] * last_norms_[b];
      of_blocks[b] /= norms[b] * last_norms_[b];
    }
    cosines.back() = product / (std::sqrt(square) * std::sqrt(last_square));
  }
  last_norms_.assign(norms.begin(), norms.end());
}

template <class T>
void GradientCosine<T>::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter("cosine");
  state.none_or_all("norms", last_norms_, chunks_.back().block + 1);
}

template class GradientCosine<float>;
template class GradientCosine<double>;

}  // namespace ravine
