#include "ravine/data/batcher.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

Batcher::Batcher(std::size_t count, std::size_t batch_size, std::uint64_t seed, bool shuffle)
    : batch_size_(batch_size), seed_(seed), shuffle_(shuffle) {
  if (count == 0 || count > UINT32_MAX) {
    throw ConfigError(
        error_text("batcher", "training samples", "1 to 4294967295", fmt::format("{}", count)));
  }
  if (batch_size == 0) throw ConfigError(error_text("batcher", "batch size", "at least 1", "0"));
  steps_per_epoch_ = static_cast<std::int64_t>((count - 1) / batch_size + 1);
  order_.resize(count);
  std::iota(order_.begin(), order_.end(), 0U);
}

std::span<const std::uint32_t> Batcher::batch(std::int64_t step) {
  order_for(step / steps_per_epoch_);
  const std::size_t first = static_cast<std::size_t>(step % steps_per_epoch_) * batch_size_;
  return std::span(order_).subspan(first, std::min(batch_size_, order_.size() - first));
}

void Batcher::order_for(std::int64_t epoch) {
  if (!shuffle_ || epoch == ordered_epoch_) return;
  const RandomStream stream(seed_, fmt::format("batch order of epoch {}", epoch));
  order_ = stream.permutation(static_cast<std::uint32_t>(order_.size()));
  ordered_epoch_ = epoch;
}

}  // namespace ravine
