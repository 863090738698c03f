#pragma once

#include <span>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/data/state_archive.hpp"
#include "ravine/descent/block_norms.hpp"

namespace ravine {

/// How WeightChange knows how far an update moved the parameters.
enum class UpdateSource {
  none,      ///< not at all
  measured,  ///< by comparison with a copy of the parameters before
  gradient  ///< as the learning rate times the norm of the gradient, which is what a plain gradient
            ///< step moves but for rounding: no copy, no pass over memory
};

/// Norms of the parameters and how far the last update moved them: |W_t - W_{t-1}| / |W_{t-1}|,
/// block by block and for the whole vector. The same bits for any team size. `chunks` must outlive
/// this.
template <class T>
class WeightChange {
 public:
  WeightChange(const ParameterLayout& layout, std::span<const Chunk> chunks, UpdateSource source);

  /// By every member of a team, inside run(): measures its share of `parameters`.
  void visit(std::span<const T> parameters, const ThreadTeam& team, int member);

  /// After a visit by all, with the learning rate of the update that follows and the norms of the
  /// gradient's blocks. norms, ratios: one a block and, last, that of the whole vector; ratios are
  /// NaN at the first visit, and always when there is no source.
  void finish(double learning_rate, std::span<const double> gradient_norms, std::span<double> norms,
              std::span<double> ratios);

  void exchange_state(StateArchive& state);

 private:
  std::span<const Chunk> chunks_;
  UpdateSource source_;
  AlignedBuffer<T> kept_;            // when measured
  std::vector<double> squares_;      // one a chunk
  std::vector<double> changes_;      // squared, one a chunk
  std::vector<double> sums_;         // one a block
  std::vector<double> next_change_;  // as norms, expected of the update that follows
  std::vector<double> last_norms_;   // as norms; empty before the first visit
};

}  // namespace ravine
