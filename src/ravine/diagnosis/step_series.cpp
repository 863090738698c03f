#include "ravine/diagnosis/step_series.hpp"

#include <algorithm>
#include <cmath>

namespace ravine {

void StepSeries::add(double value) {
  if (blocks_.empty() || blocks_.back().steps == block_length_) {
    if (blocks_.size() == kMostBlocks) halve();
    blocks_.emplace_back();
  }
  StepBlock& block = blocks_.back();
  ++block.steps;
  if (std::isfinite(value)) {
    ++block.finite;
    block.sum += value;
  }
  if (steps_++ == 0) first_ = value;
}

void StepSeries::halve() {
  for (std::size_t i = 0; i < kMostBlocks / 2; ++i) {
    const StepBlock& first = blocks_[2 * i];
    const StepBlock& second = blocks_[2 * i + 1];
    blocks_[i] = {first.steps + second.steps, first.finite + second.finite, first.sum + second.sum};
  }
  blocks_.resize(kMostBlocks / 2);
  block_length_ *= 2;
}

double StepSeries::median(double from, double to) const {
  const auto count = static_cast<double>(blocks_.size());
  const auto begin = static_cast<std::size_t>(std::floor(from * count));
  const auto end = std::max(begin + 1, static_cast<std::size_t>(std::ceil(to * count)));
  std::vector<double> means;
  for (std::size_t i = begin; i < std::min(end, blocks_.size()); ++i) {
    if (blocks_[i].finite > 0) means.push_back(blocks_[i].mean());
  }
  if (means.empty()) return NAN;
  const auto middle = means.begin() + static_cast<std::ptrdiff_t>(means.size() / 2);
  std::ranges::nth_element(means, middle);
  if (means.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(means.begin(), middle)) / 2;
}

void StepSeries::exchange_state(StateArchive& state) {
  state.number("steps", steps_);
  state.number("first", first_);
  state.number("block_length", block_length_);
  std::vector<double> rows;
  for (const StepBlock& block : blocks_) {
    rows.insert(rows.end(),
                {static_cast<double>(block.steps), static_cast<double>(block.finite), block.sum});
  }
  state.rows("blocks", rows, 3);
  if (!state.restores()) return;
  blocks_.clear();
  for (std::size_t i = 0; i < std::min(rows.size(), 3 * kMostBlocks); i += 3) {
    blocks_.push_back(
        {state.count("blocks", rows[i]), state.count("blocks", rows[i + 1]), rows[i + 2]});
  }
}

}  // namespace ravine
