#include "ravine/study/minimum_norm.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "ravine/kernels/vector_ops.hpp"

namespace ravine {
namespace {

TEST(MinimumNorm, IsTheProjectionOfTheTruth) {
  constexpr std::size_t d = 14, m = 60, p = 105;
  constexpr int kInstances = 6;
  ThreadTeam team(1);
  double lost = 0;  // share of |X*|^2
  for (std::uint64_t seed = 1; seed <= kInstances; ++seed) {
    const SensingInstance instance =
        random_instance({.dimension = d, .true_rank = 2, .measurements = m, .seed = seed}, team);
    const auto found = minimum_norm_solution(instance, 1e-13, 1000, team);
    const std::span<const double> x(found.x), truth(instance.truth);
    EXPECT_LT(found.relative_residual, 1e-12);
    EXPECT_NEAR(dot(x, truth), squared_norm(x), 1e-9 * squared_norm(truth)) << "orthogonal rest";
    lost += (1 - squared_norm(x) / squared_norm(truth)) / kInstances;
  }
  // A beta distribution, of standard deviation sqrt(2 m (p - m) / (p + 2)) / p.
  const double deviation = std::sqrt(2.0 * m * (p - m) / (p + 2)) / p;
  EXPECT_NEAR(lost, 1 - double(m) / p, 4 * deviation / std::sqrt(kInstances));
}

}  // namespace
}  // namespace ravine
