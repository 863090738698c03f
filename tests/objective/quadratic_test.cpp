#include "ravine/objective/quadratic.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

static_assert(TwiceDifferentiable<Quadratic>);

TEST(Quadratic, LossGradientAndHessianAreThoseOfTheFormula) {
  const Quadratic quadratic({2, 0.5, -1}, {1, 0, 3});
  std::vector<double> gradient(3), losses(1), product(3);
  const std::vector<double> w = {4, 2, 5};
  quadratic.loss_and_gradient(w, {}, gradient, losses);
  EXPECT_EQ(losses[0], 0.5 * (2 * 9 + 0.5 * 4 - 1 * 4));
  EXPECT_EQ(gradient, (std::vector<double>{6, 1, -2}));
  quadratic.hessian_vector(w, {}, std::vector<double>{1, 10, 100}, product);
  EXPECT_EQ(product, (std::vector<double>{2, 5, -100}));
}

TEST(Quadratic, RefusesSizesThatDiffer) {
  EXPECT_EQ(testing::error_of<ShapeError>([] {
              Quadratic({1, 2}, {1});
            }),
            "[quadratic] minimiser: expected 2 numbers, got 1");
}

}  // namespace
}  // namespace ravine
