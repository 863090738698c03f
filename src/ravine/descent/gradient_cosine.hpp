#pragma once

#include <span>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/data/state_archive.hpp"
#include "ravine/descent/block_norms.hpp"

namespace ravine {

/// The cosine of the angle between the gradients of successive steps, <G_t, G_{t-1}> / (|G_t|
/// |G_{t-1}|), block by block and for the whole vector: near 1 while descent moves straight on,
/// near 0 where mini-batch noise rules, below 0 where it jumps from wall to wall. Keeps a copy of
/// the gradient. The same bits for any team size. `chunks` must outlive this.
template <class T>
class GradientCosine {
 public:
  GradientCosine(const ParameterLayout& layout, std::span<const Chunk> chunks);

  /// By every member of a team, inside run(): compares its share of `gradient` with the one of the
  /// last visit, then keeps it.
  void visit(std::span<const T> gradient, const ThreadTeam& team, int member);

  /// After a visit by all: `norms` has the norms of the gradient's blocks; `cosines` gets one a
  /// block and, last, that of the whole vector; NaN at the first visit and where a gradient is 0.
  void finish(std::span<const double> norms, std::span<double> cosines);

  void exchange_state(StateArchive& state);

 private:
  std::span<const Chunk> chunks_;
  AlignedBuffer<T> kept_;
  std::vector<double> parts_;       // one a chunk
  std::vector<double> last_norms_;  // one a block; empty before the first visit
};

}  // namespace ravine
