#include "ravine/data/background.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace ravine {
namespace {

TEST(Background, IsTheMostFrequentByteWithItsShare) {
  std::vector<std::uint8_t> pixels = {255, 0, 255, 9, 9, 255};
  const std::vector<std::uint8_t> labels(2);
  const Background white = background_of({pixels, labels, 3});
  EXPECT_EQ(white.byte, 255);
  EXPECT_EQ(white.share, 0.5);
  pixels[0] = 9;
  EXPECT_EQ(background_of({pixels, labels, 3}).byte, 9);
}

TEST(Background, OfManyImagesIsThatOfSomeSpreadOverThem) {
  constexpr std::size_t kCount = 100'000, kInputs = 2;
  std::vector<std::uint8_t> pixels(kCount * kInputs, 7);
  const std::vector<std::uint8_t> labels(kCount);
  for (std::size_t i = 0; i < kCount * kInputs / 4; ++i) pixels[i] = 0;
  const Background found = background_of({pixels, labels, kInputs});
  EXPECT_EQ(found.byte, 7);
  EXPECT_NEAR(found.share, 0.75, 0.01);
}

TEST(Background, OfNoImagesIsNothing) { EXPECT_EQ(background_of({}).share, 0); }

}  // namespace
}  // namespace ravine
