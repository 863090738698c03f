#include "ravine/data/batcher.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

using testing::error_of;
using Samples = std::vector<std::uint32_t>;

Samples batch_of(Batcher& batcher, std::int64_t step) {
  const std::span<const std::uint32_t> batch = batcher.batch(step);
  return {batch.begin(), batch.end()};
}

/// The samples of a whole epoch in order.
Samples epoch_of(Batcher& batcher, std::int64_t epoch) {
  Samples all;
  for (std::int64_t i = 0; i < batcher.steps_per_epoch(); ++i) {
    const Samples batch = batch_of(batcher, epoch * batcher.steps_per_epoch() + i);
    all.insert(all.end(), batch.begin(), batch.end());
  }
  return all;
}

Samples numbers_below(std::uint32_t count) {
  Samples numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0U);
  return numbers;
}

TEST(Batcher, ShowsEverySampleOnceAnEpoch) {
  for (const std::size_t batch_size : {1, 7, 10, 99, 100, 101, 1'000'000}) {
    Batcher batcher(100, batch_size, 1, true);
    for (const std::int64_t epoch : {0, 1, 5}) {
      Samples samples = epoch_of(batcher, epoch);
      std::ranges::sort(samples);
      EXPECT_EQ(samples, numbers_below(100)) << batch_size;
    }
  }
}

TEST(Batcher, KeepsTheSmallerLastBatch) {
  Batcher mnist(60'000, 128, 1, true);
  EXPECT_EQ(mnist.steps_per_epoch(), 469);
  EXPECT_EQ(mnist.batch(0).size(), 128U);
  EXPECT_EQ(mnist.batch(467).size(), 128U);
  EXPECT_EQ(mnist.batch(468).size(), 96U);
  EXPECT_EQ(mnist.batch(469).size(), 128U);
  EXPECT_EQ(Batcher(100, 10, 1, true).steps_per_epoch(), 10) << "no empty batch at the end";
  EXPECT_EQ(Batcher(1, 128, 1, true).batch(7).size(), 1U);
}

TEST(Batcher, IsAFunctionOfSeedAndStepInAnyOrderOfCalls) {
  Batcher forward(50, 8, 1234, true), backward(50, 8, 1234, true);
  const std::int64_t steps = 4 * forward.steps_per_epoch();
  std::vector<Samples> expected;
  for (std::int64_t step = 0; step < steps; ++step) expected.push_back(batch_of(forward, step));
  for (std::int64_t step = steps; step-- > 0;) {
    EXPECT_EQ(batch_of(backward, step), expected[static_cast<std::size_t>(step)]) << step;
  }
  for (std::int64_t i = 0; i < steps; ++i) {
    const std::int64_t step = i * 11 % steps;
    EXPECT_EQ(batch_of(forward, step), expected[static_cast<std::size_t>(step)]) << step;
  }
}

TEST(Batcher, ShufflesAfreshEveryEpochAndForEverySeed) {
  Batcher batcher(100, 9, 1, true), other(100, 9, 2, true);
  EXPECT_NE(epoch_of(batcher, 0), numbers_below(100));
  EXPECT_NE(epoch_of(batcher, 0), epoch_of(batcher, 1));
  EXPECT_NE(epoch_of(batcher, 0), epoch_of(other, 0));
}

TEST(Batcher, DoesNotDependOnTheBatchSizeForItsOrder) {
  Batcher small(100, 3, 1, true), large(100, 64, 1, true);
  EXPECT_EQ(epoch_of(small, 2), epoch_of(large, 2));
}

TEST(Batcher, WithoutShufflingKeepsTheOrderOfTheFile) {
  Batcher batcher(100, 9, 1, false);
  EXPECT_EQ(epoch_of(batcher, 0), numbers_below(100));
  EXPECT_EQ(epoch_of(batcher, 3), numbers_below(100));
}

TEST(Batcher, RefusesNothingToCutAndNothingToCutItInto) {
  EXPECT_EQ(error_of<ConfigError>([] { Batcher(0, 5, 1, true); }),
            "[batcher] training samples: expected 1 to 4294967295, got 0");
  EXPECT_EQ(error_of<ConfigError>([] { Batcher(std::size_t{1} << 32, 5, 1, true); }),
            "[batcher] training samples: expected 1 to 4294967295, got 4294967296");
  EXPECT_EQ(error_of<ConfigError>([] { Batcher(5, 0, 1, true); }),
            "[batcher] batch size: expected at least 1, got 0");
}

}  // namespace
}  // namespace ravine
