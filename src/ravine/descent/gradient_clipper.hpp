#pragma once

#include <span>
#include <vector>

#include "ravine/base/thread_team.hpp"
#include "ravine/descent/chunks.hpp"
#include "ravine/objective/parameter_layout.hpp"

namespace ravine {

/// A bound on the gradient that a step rule is given; 0: none. At most one is set.
struct Clipping {
  /// Of a member's whole gradient g, which becomes g min(1, norm / (|g| + 1e-6)) (Pascanu, Mikolov
  /// and Bengio 2013, algorithm 1; torch.nn.utils.clip_grad_norm_).
  double norm = 0;
  /// Of every entry, which is clamped to [-value, value] (torch.nn.utils.clip_grad_value_).
  double value = 0;

  bool is_on() const { return norm > 0 || value > 0; }
};

/// Clips gradients of one layout. NaN stays NaN. `layout` and `chunks` must outlive this.
template <class T>
class GradientClipper {
 public:
  GradientClipper(const Clipping& clipping, const ParameterLayout& layout,
                  std::span<const Chunk> chunks)
      : clipping_(clipping), layout_(layout), chunks_(chunks), factors_(layout.members()) {}

  /// `norms`: of the blocks of `gradient`, a flat vector, which is clipped in place.
  void clip(std::span<const double> norms, std::span<T> gradient, ThreadTeam& team);

 private:
  void find_factors(std::span<const double> norms);

  Clipping clipping_;
  const ParameterLayout& layout_;
  std::span<const Chunk> chunks_;
  std::vector<double> factors_;  // one a member
};

}  // namespace ravine
