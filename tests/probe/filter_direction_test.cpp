#include "ravine/probe/filter_direction.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "ravine/kernels/vector_ops.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

TEST(FilterDirection, RowsAreAsLongAsTheWeightsTheyMoveAndBiasesStay) {
  ParameterLayout layout;
  layout.add("layer1.weight", 5, 7);
  layout.add("layer1.bias", 1, 5);
  layout.add("layer2.weight", 2, 5);
  const std::vector<double> w = testing::normals(layout.size(), "w");
  const std::vector<double> d = filter_direction(layout, w, 3, "x");
  for (const std::size_t b : {0, 2}) {
    const MatrixView<const double> rows = layout.view(std::span(d), b);
    for (std::size_t i = 0; i < rows.rows; ++i) {
      EXPECT_NEAR(squared_norm(rows.row(i)), squared_norm(layout.view(std::span(w), b).row(i)),
                  1e-12);
    }
  }
  for (const double x : layout.view(std::span(d), 1).row(0)) EXPECT_EQ(x, 0);
  EXPECT_EQ(filter_direction(layout, w, 3, "x"), d);
  EXPECT_NE(filter_direction(layout, w, 3, "y"), d);
  EXPECT_NE(filter_direction(layout, w, 4, "x"), d);
}

TEST(FilterDirection, ScalesWithTheWeights) {
  // A ReLU network whose layer is scaled up and the next one down is the same function.
  ParameterLayout layout;
  layout.add("layer1.weight", 4, 3);
  std::vector<double> w = testing::normals(layout.size(), "w");
  const std::vector<double> d = filter_direction(layout, w, 3, "x");
  for (double& x : w) x *= 8;
  const std::vector<double> scaled = filter_direction(layout, w, 3, "x");
  for (std::size_t i = 0; i < d.size(); ++i) EXPECT_NEAR(scaled[i], 8 * d[i], 1e-14);
}

}  // namespace
}  // namespace ravine
