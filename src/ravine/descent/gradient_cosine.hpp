#pragma once

#include <span>
#include <vector>

#include "ravine/data/state_archive.hpp"
#include "ravine/descent/block_norms.hpp"

namespace ravine {

/// The cosine of the angle between the gradients of successive steps, <G_t, G_{t-1}> / (|G_t|
/// |G_{t-1}|), block by block and for the whole vector: near 1 while descent moves straight on,
/// near 0 where mini-batch noise rules, below 0 where it jumps from wall to wall. The same bits for
/// any team size. `chunks` must outlive this.
template <class T>
class GradientCosine {
 public:
  explicit GradientCosine(std::span<const Chunk> chunks);

  /// By every member of a team, inside run(): multiplies its share of the two, of which the last
  /// one may be empty at the first visit.
  void visit(std::span<const T> gradient, std::span<const T> last_gradient, const ThreadTeam& team,
             int member);

  /// After a visit by all: `norms` has the norms of the gradient's blocks, and those at the visit
  /// before were the last gradient's; `cosines` gets one a block and, last, that of the whole
  /// vector; NaN at the first visit and where a gradient is 0. Of a step whose norms alone are
  /// wanted, for the next one, there need be no visit: its cosines mean nothing.
  void finish(std::span<const double> norms, std::span<double> cosines);

  void exchange_state(StateArchive& state);

 private:
  std::span<const Chunk> chunks_;
  std::vector<double> parts_;       // one a chunk
  std::vector<double> last_norms_;  // one a block; empty before the first visit
};

}  // namespace ravine
