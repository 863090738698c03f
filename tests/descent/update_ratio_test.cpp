#include "ravine/descent/update_ratio.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace ravine {
namespace {

TEST(UpdateRatio, IsTheLengthOfTheUpdateOverThatOfTheParametersBefore) {
  UpdateRatio ratio;
  std::vector<double> norms(3, -5), ratios(3, -5);
  ratio.compute(std::vector<double>{3, 4}, {}, norms, ratios);
  EXPECT_EQ(norms, (std::vector<double>{3, 4, 5}));
  for (const double unknown : ratios) EXPECT_TRUE(std::isnan(unknown)) << "no update yet";
  ratio.compute(std::vector<double>{6, 8}, std::vector<double>{0.3, 0.4}, norms, ratios);
  EXPECT_EQ(norms, (std::vector<double>{6, 8, 10}));
  EXPECT_EQ(ratios, (std::vector<double>{0.3 / 3, 0.4 / 4, 0.5 / 5}));
  ratio.compute(std::vector<double>{6, 8}, std::vector<double>{0.3, 0.4}, norms, ratios);
  EXPECT_EQ(ratios, (std::vector<double>{0.3 / 6, 0.4 / 8, 0.5 / 10}));
}

TEST(UpdateRatio, IsUnknownWhereTheUpdateWasNotMeasured) {
  UpdateRatio ratio;
  std::vector<double> norms(2), ratios(2, -5);
  ratio.compute(std::vector<double>{3}, {}, norms, ratios);
  ratio.compute(std::vector<double>{4}, {}, norms, ratios);
  for (const double unknown : ratios) EXPECT_TRUE(std::isnan(unknown));
  ratio.compute(std::vector<double>{4}, std::vector<double>{1}, norms, ratios);
  EXPECT_EQ(ratios, (std::vector<double>{0.25, 0.25}));
}

}  // namespace
}  // namespace ravine
