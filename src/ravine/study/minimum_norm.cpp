#include "ravine/study/minimum_norm.hpp"

#include <cmath>

#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/svec.hpp"

namespace ravine {

MinimumNormSolution minimum_norm_solution(const SensingInstance& instance, double tolerance,
                                          int max_iterations, ThreadTeam& team) {
  const std::size_t p = instance.ensemble.unknowns();
  EnsemblePass pass(instance.ensemble, 1, team);
  std::vector<double> x(p);
  pass.run(instance.values, x);  // adjoint = -A^T y
  std::vector<double> residual(p);
  add_scaled(-1, pass.adjoint(0), residual);
  std::vector<double> direction = residual;
  double squared = squared_norm(std::span<const double>(residual));
  const double first = squared;

  MinimumNormSolution solution;
  while (squared > tolerance * tolerance * first && solution.iterations < max_iterations) {
    pass.run({}, direction);  // residuals = A direction, adjoint = A^T A direction
    const double step = squared / squared_norm(pass.residuals(0));
    add_scaled(step, direction, std::span(x));
    add_scaled(-step, pass.adjoint(0), residual);
    const double next = squared_norm(std::span<const double>(residual));
    for (std::size_t j = 0; j < p; ++j) direction[j] = residual[j] + next / squared * direction[j];
    squared = next;
    ++solution.iterations;
  }
  solution.relative_residual = first > 0 ? std::sqrt(squared / first) : 0;
  solution.x.resize(instance.dimension() * instance.dimension());
  smat(x, 1, MatrixView<double>(solution.x.data(), instance.dimension(), instance.dimension()));
  return solution;
}

}  // namespace ravine
