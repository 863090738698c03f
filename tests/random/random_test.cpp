#include "ravine/random/random.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/thread_team.hpp"
#include "support/bits.hpp"

namespace ravine {
namespace {

using testing::same_bits;
using Words = std::array<std::uint32_t, 4>;

Words words_of(const RandomStream& stream, std::uint64_t block) {
  Words words{};
  stream.words(block, words);
  return words;
}

TEST(RandomStream, GivesTheKnownAnswersOfPhilox) {
  // Random123's kat_vectors, philox4x32 10. The counter's upper half is the FNV-1a hash of the
  // name, so each name here is one whose hash is the wanted number.
  const std::string hash_0("\xd5\x6b\xb9\x53\x42\x87\x08\x36", 8);
  const std::string hash_ones("\x08\x2f\x2c\x06\x12\x0a\x2e\x74\x35\x13\x6c\xf5", 12);
  const std::string hash_pi("\x0b\x09\x15\x0b\x17\x2d\x27\x0d\x64\x0e\x1c\x1b", 12);
  EXPECT_EQ(words_of(RandomStream(0, hash_0), 0),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(words_of(RandomStream(UINT64_MAX, hash_ones), UINT64_MAX),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(words_of(RandomStream(0x299f31d0a4093822, hash_pi), 0x85a308d3243f6a88),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, DiffersByNameAndSeed) {
  const Words words = words_of(RandomStream(1234, "initial layer1.weight"), 0);
  EXPECT_EQ(words, words_of(RandomStream(1234, "initial layer1.weight"), 0));
  EXPECT_NE(words, words_of(RandomStream(1234, "initial layer2.weight"), 0));
  EXPECT_NE(words, words_of(RandomStream(1234, "initial layer1.weigh"), 0));
  EXPECT_NE(words, words_of(RandomStream(1235, "initial layer1.weight"), 0));
  EXPECT_NE(words,
            words_of(RandomStream(1234 + (std::uint64_t{1} << 32), "initial layer1.weight"), 0));
}

enum class Law { uniform, normal };

template <class T>
void fill(const RandomStream& stream, Law law, std::span<T> out, std::uint64_t first) {
  law == Law::uniform ? stream.fill_uniform(out, -2, 3, first) : stream.fill_normal(out, first);
}

template <class T>
void expect_independent_of_cuts(Law law, std::uint64_t origin) {
  const RandomStream stream(7, "cuts");
  std::vector<T> whole(3000);
  fill<T>(stream, law, whole, origin);
  for (const std::size_t size : {1, 2, 3, 4, 5, 255, 1023, 1024, 1025, 2500}) {
    std::vector<T> parts(whole.size());
    for (std::size_t first = 0; first < whole.size(); first += size) {
      const std::size_t count = std::min(size, whole.size() - first);
      fill<T>(stream, law, std::span(parts).subspan(first, count), origin + first);
    }
    EXPECT_TRUE(same_bits(parts, whole)) << "in pieces of " << size;
  }
  for (const int threads : {2, 3, 8}) {
    std::vector<T> parts(whole.size());
    ThreadTeam team(threads);
    team.run([&](int member) {
      const IndexRange range = split_range(parts.size(), threads, member);
      fill<T>(stream, law, std::span(parts).subspan(range.begin, range.size()),
              origin + range.begin);
    });
    EXPECT_TRUE(same_bits(parts, whole)) << "by " << threads << " threads";
  }
}

TEST(RandomStream, NumbersDoNotDependOnHowTheyAreCut) {
  for (const Law law : {Law::uniform, Law::normal}) {
    for (const std::uint64_t origin :
         {std::uint64_t{0}, std::uint64_t{3}, (std::uint64_t{1} << 40) + 1}) {
      expect_independent_of_cuts<float>(law, origin);
      expect_independent_of_cuts<double>(law, origin);
    }
  }
}

TEST(RandomStream, FloatsAreTheRoundedDoubles) {
  const RandomStream stream(3, "rounding");
  for (const Law law : {Law::uniform, Law::normal}) {
    std::vector<double> doubles(10'000);
    std::vector<float> floats(doubles.size());
    fill<double>(stream, law, doubles, 1);
    fill<float>(stream, law, floats, 1);
    for (std::size_t i = 0; i < floats.size(); ++i) {
      ASSERT_EQ(floats[i], static_cast<float>(doubles[i])) << i;
    }
  }
}

TEST(RandomStream, FillsNothingIntoNothing) {
  std::vector<double> numbers = {5, 6};
  RandomStream(1, "none").fill_normal(std::span(numbers).first(0));
  RandomStream(1, "none").fill_uniform(std::span(numbers).first(0), 0, 1);
  EXPECT_EQ(numbers, (std::vector<double>{5, 6}));
}

TEST(Permutation, HoldsEveryNumberOnce) {
  for (const std::uint32_t count : {0U, 1U, 2U, 3U, 100U, 60'000U}) {
    std::vector<std::uint32_t> order = RandomStream(1, "order").permutation(count);
    std::ranges::sort(order);
    std::vector<std::uint32_t> expected(count);
    std::iota(expected.begin(), expected.end(), 0U);
    EXPECT_EQ(order, expected) << count;
  }
}

TEST(Permutation, IsAFunctionOfSeedAndName) {
  const std::vector<std::uint32_t> order = RandomStream(1, "epoch 1").permutation(100);
  EXPECT_EQ(order, RandomStream(1, "epoch 1").permutation(100));
  EXPECT_NE(order, RandomStream(1, "epoch 2").permutation(100));
  EXPECT_NE(order, RandomStream(2, "epoch 1").permutation(100));
}

double chi_square(const std::vector<int>& counts, double expected) {
  double sum = 0;
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

TEST(Permutation, AllOrdersOfFourAreEquallyLikely) {
  std::vector<int> counts(4 * 4 * 4 * 4);
  constexpr int kDraws = 24'000;
  for (int seed = 0; seed < kDraws; ++seed) {
    const auto order = RandomStream(static_cast<std::uint64_t>(seed), "four").permutation(4);
    ++counts[order[0] * 64 + order[1] * 16 + order[2] * 4 + order[3]];
  }
  std::erase(counts, 0);
  ASSERT_EQ(counts.size(), 24U);
  EXPECT_LT(chi_square(counts, kDraws / 24.0), 49.7);  // 23 degrees of freedom, 1 in 1,000
}

TEST(Permutation, EveryNumberIsEquallyLikelyInEveryPlace) {
  std::vector<int> counts(100);
  constexpr int kDraws = 10'000;
  for (int seed = 0; seed < kDraws; ++seed) {
    const auto order = RandomStream(static_cast<std::uint64_t>(seed), "ten").permutation(10);
    for (std::size_t place = 0; place < 10; ++place) ++counts[place * 10 + order[place]];
  }
  EXPECT_LT(chi_square(counts, kDraws / 10.0), 126.1);  // 81 degrees of freedom, 1 in 1,000
}

}  // namespace
}  // namespace ravine
