#include "ravine/probe/procrustes.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

/// m with its columns turned by an angle, (d, 2).
std::vector<double> turned(const std::vector<double>& m, double angle) {
  std::vector<double> result(m.size());
  for (std::size_t i = 0; i < m.size(); i += 2) {
    result[i] = std::cos(angle) * m[i] - std::sin(angle) * m[i + 1];
    result[i + 1] = std::sin(angle) * m[i] + std::cos(angle) * m[i + 1];
  }
  return result;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(squares);
}

TEST(Procrustes, UndoesARotationAndAReflection) {
  const std::vector<double> a = testing::normals(14, "a");
  std::vector<double> mirrored = turned(a, 2.1);
  for (std::size_t i = 0; i < mirrored.size(); i += 2) mirrored[i] = -mirrored[i];
  const MatrixView<const double> view(a.data(), 7, 2);
  EXPECT_LT(distance(aligned_to(view, {turned(a, 1.3).data(), 7, 2}), a), 1e-13);
  EXPECT_LT(distance(aligned_to(view, {mirrored.data(), 7, 2}), a), 1e-13);
}

TEST(Procrustes, LeavesNoRotationThatIsNearer) {
  const std::vector<double> a = testing::normals(12, "a"), b = testing::normals(12, "b");
  const std::vector<double> found = aligned_to({a.data(), 6, 2}, {b.data(), 6, 2});
  for (int degree = 0; degree < 360; degree += 5) {
    EXPECT_LE(distance(found, a), distance(turned(b, degree * std::numbers::pi / 180), a) + 1e-13)
        << degree;
  }
  double found_product = 0, product = 0;  // the first entries of X = U U^T stay
  for (std::size_t k = 0; k < 2; ++k) {
    found_product += found[k] * found[2 + k];
    product += b[k] * b[2 + k];
  }
  EXPECT_NEAR(found_product, product, 1e-13);
}

TEST(Procrustes, OfOneColumnIsASign) {
  const std::vector<double> a{1, 2, 3}, b{-1, -2, -2};
  EXPECT_LT(distance(aligned_to({a.data(), 3, 1}, {b.data(), 3, 1}), {1, 2, 2}), 1e-14);
}

TEST(Procrustes, RefusesFactorsOfDifferentShapes) {
  const std::vector<double> a(6), b(4);
  EXPECT_THROW(aligned_to({a.data(), 3, 2}, {b.data(), 2, 2}), ShapeError);
}

}  // namespace
}  // namespace ravine
