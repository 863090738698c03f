#include "ravine/descent/gradient_clipper.hpp"

#include <algorithm>
#include <cmath>

namespace ravine {

namespace {

constexpr double kTorchEpsilon = 1e-6;  // that of clip_grad_norm_

}  // namespace

template <class T>
void GradientClipper<T>::find_factors(std::span<const double> norms) {
  std::ranges::fill(factors_, 0.0);
  for (std::size_t b = 0; b < norms.size(); ++b) {
    factors_[layout_.blocks()[b].member] += norms[b] * norms[b];
  }
  for (double& factor : factors_) {
    factor = std::min(1.0, clipping_.norm / (std::sqrt(factor) + kTorchEpsilon));
  }
}

template <class T>
void GradientClipper<T>::clip(std::span<const double> norms, std::span<T> gradient,
                              ThreadTeam& team) {
  if (!clipping_.is_on()) return;
  find_factors(norms);
  const auto bound = static_cast<T>(clipping_.value);
  team.run([&](int member) {
    for_each_own_chunk(chunks_, team, member, [&](std::size_t c) {
      const std::span<T> piece = chunks_[c].of(gradient);
      if (clipping_.value > 0) {
        for (T& g : piece) g = std::clamp(g, -bound, bound);
        return;
      }
      const auto factor = static_cast<T>(factors_[layout_.blocks()[chunks_[c].block].member]);
      if (factor == 1) return;
      for (T& g : piece) g *= factor;
    });
  });
}

template class GradientClipper<float>;
template class GradientClipper<double>;

}  // namespace ravine
