#include "ravine/study/minimum_norm.hpp"

#include "ravine/objective/conjugate_gradient.hpp"
#include "ravine/objective/svec.hpp"

namespace ravine {

MinimumNormSolution minimum_norm_solution(const SensingInstance& instance, double tolerance,
                                          int max_iterations, ThreadTeam& team) {
  const std::size_t d = instance.dimension();
  EnsemblePass pass(instance.ensemble, team);
  const std::vector<double> b = pass.adjoint_of(instance.values);
  const LinearSolution solution = conjugate_gradient(
      [&](std::span<const double> direction) {
        pass.run({}, direction);
        return pass.adjoint(0);  // A^T A direction
      },
      b, tolerance, max_iterations);
  std::vector<double> x(d * d);
  smat(solution.x, 1, MatrixView<double>(x.data(), d, d));
  return {std::move(x), solution.relative_residual, solution.iterations};
}

}  // namespace ravine
