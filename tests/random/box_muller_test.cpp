#include "ravine/random/box_muller.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/random/random.hpp"
#include "support/instruction_sets.hpp"

namespace ravine {
namespace {

/// Random pairs of words, and every pair of extreme ones.
std::vector<std::uint32_t> test_words() {
  std::vector<std::uint32_t> words;
  const std::uint32_t extremes[] = {0,          1,          0x3fffffff, 0x40000000, 0x7fffffff,
                                    0x80000000, 0x80000001, 0xc0000000, 0xfffffffe, 0xffffffff};
  for (const std::uint32_t u : extremes) {
    for (const std::uint32_t v : extremes) words.insert(words.end(), {u, v});
  }
  for (std::uint64_t block = 0; block < 2000; ++block) {
    std::uint32_t four[4];
    RandomStream(5, "words").words(block, four);
    words.insert(words.end(), four, four + 4);
  }
  return words;
}

class BoxMuller : public testing::WithInstructionSet {};

TEST_P(BoxMuller, AgreesWithExtendedPrecision) {
  const std::vector<std::uint32_t> words = test_words();
  std::vector<double> normals(words.size());
  box_muller(words, normals);
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const long double u = (words[i] + 0.5L) / 4294967296.0L;
    const long double angle = 2 * std::numbers::pi_v<long double> * words[i + 1] / 4294967296.0L;
    const long double radius = std::sqrt(-2 * std::log(u));
    // The angle itself is rounded to a double, by up to 4 eps.
    const double bound = 8 * std::numeric_limits<double>::epsilon() * static_cast<double>(radius);
    ASSERT_NEAR(normals[i], static_cast<double>(radius * std::cos(angle)), bound) << words[i];
    ASSERT_NEAR(normals[i + 1], static_cast<double>(radius * std::sin(angle)), bound) << words[i];
  }
}

TEST_P(BoxMuller, FloatsAreTheRoundedDoubles) {
  const std::vector<std::uint32_t> words = test_words();
  std::vector<double> doubles(words.size());
  std::vector<float> floats(words.size());
  box_muller(words, doubles);
  box_muller(words, floats);
  for (std::size_t i = 0; i < words.size(); ++i) {
    ASSERT_EQ(floats[i], static_cast<float>(doubles[i]));
  }
}

TEST_P(BoxMuller, DoesNotDependOnHowPairsAreCut) {
  const std::vector<std::uint32_t> words = test_words();
  std::vector<double> whole(words.size());
  box_muller(words, whole);
  for (const std::size_t size : {2, 6, 14, 512, 514}) {
    std::vector<double> parts(size);
    box_muller(std::span(words).subspan(10, size), parts);
    for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(parts[i], whole[10 + i]) << size;
  }
}

TEST_P(BoxMuller, ReachesItsDocumentedBoundAndNoMore) {
  // The smallest u is 2^-33.
  const std::vector<std::uint32_t> words = {0, 0, 0, 0x80000000};
  std::vector<double> normals(4);
  box_muller(words, normals);
  EXPECT_NEAR(normals[0], std::sqrt(66 * std::numbers::ln2), 1e-14);
  EXPECT_NEAR(normals[2], -std::sqrt(66 * std::numbers::ln2), 1e-14);
  EXPECT_LE(normals[0], 6.77);
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, BoxMuller,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

}  // namespace
}  // namespace ravine
