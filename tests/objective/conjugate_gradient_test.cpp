#include "ravine/objective/conjugate_gradient.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "support/vectors.hpp"

namespace ravine {
namespace {

using testing::expect_all_near;
using testing::normals;

/// Multiplication by a diagonal matrix.
struct Diagonal {
  std::vector<double> entries;
  std::vector<double> product = std::vector<double>(entries.size());

  std::span<const double> operator()(std::span<const double> v) {
    for (std::size_t i = 0; i < v.size(); ++i) product[i] = entries[i] * v[i];
    return product;
  }
};

TEST(ConjugateGradient, NeedsAsManyIterationsAsThereAreEigenvalues) {
  const std::vector<double> b = normals(9, "b");
  const std::vector<double> entries = {1, 2, 5, 1, 2, 5, 1, 2, 5};
  const LinearSolution solution = conjugate_gradient(Diagonal{entries}, b, 1e-14, 100);
  EXPECT_EQ(solution.iterations, 3);
  EXPECT_LE(solution.relative_residual, 1e-14);
  std::vector<double> expected;
  for (std::size_t i = 0; i < b.size(); ++i) expected.push_back(b[i] / entries[i]);
  expect_all_near(solution.x, expected, 1e-13);
}

TEST(ConjugateGradient, FindsTheLeastNormOfASingularMatrix) {
  const LinearSolution solution =
      conjugate_gradient(Diagonal{{2, 0, 4}}, std::vector<double>{1, 0, 1}, 1e-14, 100);
  expect_all_near(solution.x, std::vector<double>{0.5, 0, 0.25}, 1e-14);
}

TEST(ConjugateGradient, EndsAtTheGivenNumberOfIterations) {
  const std::vector<double> b = {1, 1, 1, 1};
  const LinearSolution solution = conjugate_gradient(Diagonal{{1, 10, 100, 1000}}, b, 1e-14, 2);
  EXPECT_EQ(solution.iterations, 2);
  EXPECT_GT(solution.relative_residual, 0.01);
}

TEST(ConjugateGradient, OfZeroIsZero) {
  const LinearSolution solution =
      conjugate_gradient(Diagonal{{1, 2}}, std::vector<double>(2), 1e-10, 10);
  EXPECT_EQ(solution.iterations, 0);
  EXPECT_EQ(solution.relative_residual, 0);
  EXPECT_EQ(solution.x, std::vector<double>(2));
}

}  // namespace
}  // namespace ravine
