#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ravine {

/// Cuts the samples 0 .. count-1 into mini-batches, in a fresh random order every epoch. The batch
/// of a step is a function of (seed, step); the last, smaller batch of an epoch is kept.
class Batcher {
 public:
  /// Throws ConfigError when count or batch_size is 0.
  Batcher(std::size_t count, std::size_t batch_size, std::uint64_t seed, bool shuffle);

  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  std::size_t batch_size() const { return batch_size_; }
  std::size_t count() const { return order_.size(); }

  /// Sample numbers of the batch of `step` (counted from 0 over all epochs). Valid until the next
  /// call.
  std::span<const std::uint32_t> batch(std::int64_t step);

 private:
  void order_for(std::int64_t epoch);

  std::size_t batch_size_;
  std::uint64_t seed_;
  bool shuffle_;
  std::int64_t steps_per_epoch_;
  std::int64_t ordered_epoch_ = -1;
  std::vector<std::uint32_t> order_;
};

}  // namespace ravine
