#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "ravine/data/state_archive.hpp"

namespace ravine {

/// Neighbouring steps of a series, summed up.
struct StepBlock {
  std::int64_t steps = 0;
  std::int64_t finite = 0;  ///< of them with a finite value
  double sum = 0;           ///< of the finite values

  double mean() const {
    return finite > 0 ? sum / static_cast<double>(finite)
                      : std::numeric_limits<double>::quiet_NaN();
  }
};

/// A series of any length in bounded memory: exact for the first kMostBlocks steps, from then on
/// sums over blocks of neighbouring steps. Whenever the blocks are kMostBlocks, pairs become one,
/// so blocks have one length (but for the last), a power of two, and cover all steps evenly: unlike
/// a reservoir, the same series gives the same summary, and time is kept.
class StepSeries {
 public:
  static constexpr std::size_t kMostBlocks = 512;

  void add(double value);  ///< of the next step; a non-finite one takes its place but no part

  std::int64_t steps() const { return steps_; }
  double first() const { return first_; }  ///< the value of the first step, NaN before it
  std::span<const StepBlock> blocks() const { return blocks_; }

  /// Median of the block means between two shares of the series' length, at least one block of it;
  /// NaN when none of them has a finite value. With up to kMostBlocks steps the exact median.
  double median(double from = 0, double to = 1) const;

  void exchange_state(StateArchive& state);

 private:
  void halve();

  std::int64_t steps_ = 0;
  double first_ = std::numeric_limits<double>::quiet_NaN();
  std::int64_t block_length_ = 1;
  std::vector<StepBlock> blocks_;
};

}  // namespace ravine
