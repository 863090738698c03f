#include "ravine/data/pixel_statistics.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace ravine {
namespace {

// Two passes over the pixels themselves, with long double.
PixelStatistics direct(const std::vector<std::uint8_t>& pixels) {
  long double sum = 0;
  for (const std::uint8_t pixel : pixels) sum += pixel / 255.0L;
  const long double mean = sum / pixels.size();
  long double squares = 0;
  for (const std::uint8_t pixel : pixels) {
    squares += (pixel / 255.0L - mean) * (pixel / 255.0L - mean);
  }
  return {static_cast<double>(mean), static_cast<double>(std::sqrt(squares / (pixels.size() - 1)))};
}

TEST(PixelStatistics, AreThoseOfThePixelsThemselves) {
  for (const std::size_t size : {2u, 3u, 4u, 5u, 7u, 1000u, 10'001u}) {
    std::vector<std::uint8_t> pixels(size);
    for (std::size_t i = 0; i < size; ++i) pixels[i] = static_cast<std::uint8_t>(i * i * 7 + 3 * i);
    const PixelStatistics expected = direct(pixels);
    const PixelStatistics measured = pixel_statistics(pixels);
    EXPECT_NEAR(measured.mean, expected.mean, 1e-15) << size;
    EXPECT_NEAR(measured.standard_deviation, expected.standard_deviation, 1e-15) << size;
  }
}

TEST(PixelStatistics, DivideByOneLessThanTheNumber) {
  const std::vector<std::uint8_t> pixels = {0, 255};
  EXPECT_DOUBLE_EQ(pixel_statistics(pixels).mean, 0.5);
  EXPECT_DOUBLE_EQ(pixel_statistics(pixels).standard_deviation, std::sqrt(0.5));
}

TEST(PixelStatistics, OfEqualPixelsHaveNoDeviation) {
  EXPECT_EQ(pixel_statistics(std::vector<std::uint8_t>(100, 77)).standard_deviation, 0.0);
  EXPECT_EQ(pixel_statistics({}).mean, 0.0);
}

}  // namespace
}  // namespace ravine
