#pragma once

#include <span>
#include <vector>

#include "ravine/base/thread_team.hpp"
#include "ravine/descent/block_norms.hpp"
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
      : clipping_(clipping),
        layout_(layout),
        chunks_(chunks),
        block_norms_(chunks),
        norms_(layout.blocks().size()),
        factors_(layout.members()) {}

  bool is_on() const { return clipping_.is_on(); }

  /// `norms`: of the blocks of `gradient`, a flat vector, which is clipped in place. Returns the
  /// norms after that, valid until the next call, and puts into `products` those of the clipped
  /// blocks with the ones of `last`, as BlockNorms does. Where nothing bounds them returns `norms`
  /// itself and leaves the products as they are.
  std::span<const double> clip(std::span<const double> norms, std::span<T> gradient,
                               std::span<const T> last, ThreadTeam& team,
                               std::vector<double>& products);

 private:
  void find_factors(std::span<const double> norms);

  Clipping clipping_;
  const ParameterLayout& layout_;
  std::span<const Chunk> chunks_;
  BlockNorms<T> block_norms_;
  std::vector<double> norms_;    // of the blocks, after clipping
  std::vector<double> factors_;  // one a member
};

}  // namespace ravine
