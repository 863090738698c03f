#include "ravine/descent/weight_change.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ravine/kernels/successive.hpp"
#include "ravine/kernels/vector_ops.hpp"

namespace ravine {

namespace {

/// squares: one a block; norms: one a block, then that of all together.
void take_roots(std::span<const double> squares, std::span<double> norms) {
  norms.back() = std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0));
  std::ranges::transform(squares, norms.begin(), [](double square) { return std::sqrt(square); });
}

}  // namespace

template <class T>
WeightChange<T>::WeightChange(const ParameterLayout& layout, std::span<const Chunk> chunks,
                              UpdateSource source)
    : chunks_(chunks),
      source_(source),
      kept_(source == UpdateSource::measured ? layout.size() : 0),
      squares_(chunks.size()),
      changes_(chunks.size()),
      sums_(layout.blocks().size()),
      next_change_(layout.blocks().size() + 1) {}

template <class T>
void WeightChange<T>::visit(std::span<const T> parameters, const ThreadTeam& team, int member) {
  for_each_own_chunk(chunks_, team, member, [&](std::size_t c) {
    const auto& [block, offset, size] = chunks_[c];
    const std::span<const T> weights = parameters.subspan(offset, size);
    if (source_ == UpdateSource::measured) {
      const ChangeSums sums = change_and_keep(weights, std::span(kept_).subspan(offset, size));
      squares_[c] = sums.square;
      changes_[c] = sums.change;
    } else {
      squares_[c] = squared_norm(weights);
    }
  });
}

template <class T>
void WeightChange<T>::finish(double learning_rate, std::span<const double> gradient_norms,
                             std::span<double> norms, std::span<double> ratios) {
  if (source_ == UpdateSource::measured) {
    add_chunks(chunks_, changes_, sums_);
    take_roots(sums_, ratios);
  } else {
    std::ranges::copy(next_change_, ratios.begin());
    std::ranges::transform(gradient_norms, sums_.begin(), [learning_rate](double norm) {
      return learning_rate * learning_rate * norm * norm;
    });
    take_roots(sums_, next_change_);
  }
  const bool known = source_ != UpdateSource::none && !last_norms_.empty();
  for (std::size_t b = 0; b < ratios.size(); ++b) {
    ratios[b] = known ? ratios[b] / last_norms_[b] : std::numeric_limits<double>::quiet_NaN();
  }
  add_chunks(chunks_, squares_, sums_);
  take_roots(sums_, norms);
  last_norms_.assign(norms.begin(), norms.end());
}

template <class T>
void WeightChange<T>::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter("weights");
  state.values("parameters", std::span(kept_));
  state.values("next_change", std::span(next_change_));
  state.none_or_all("norms", last_norms_, next_change_.size());
}

template class WeightChange<float>;
template class WeightChange<double>;

}  // namespace ravine
