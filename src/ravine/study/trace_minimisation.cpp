#include "ravine/study/trace_minimisation.hpp"

#include <algorithm>
#include <cmath>

#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/probe/measurement_spectrum.hpp"

namespace ravine {

namespace {

// Of tau = kPrimalStep sigma_1, the values from .1 to .3 took the fewest iterations on Gaussian
// instances of d = 30 to 100 and m / p = .25 to .65; so did relaxations from 1.6 to 1.9.
constexpr double kPrimalStep = 0.2;
constexpr double kRelaxation = 1.7;
constexpr double kStepProduct = 0.95;  // tau sigma |A|^2, which must not exceed 1

/// |A|^2, closely.
double squared_operator_norm(EnsemblePass& pass, std::size_t p) {
  EigenOptions options;
  options.krylov_size = 20;
  options.tolerance = 1e-2;
  return extreme_eigenpairs(normal_product(pass), p, options).largest.value;
}

std::vector<double> svec_identity(std::size_t d) {
  std::vector<double> identity(d * d), v(svec_size(d));
  for (std::size_t i = 0; i < d; ++i) identity[i * d + i] = 1;
  svec(MatrixView<const double>(identity.data(), d, d), v);
  return v;
}

/// The nearest semidefinite matrix, (d, d), to smat(x); x becomes its svec.
std::vector<double> project_semidefinite(std::span<double> x, std::size_t d) {
  std::vector<double> matrix(d * d);
  const MatrixView<double> view(matrix.data(), d, d);
  smat(x, 1, view);
  const std::vector<double> factor = spectral_factor(view, d);
  const MatrixView<const double> u(factor.data(), d, d);
  matmul_by_transposed(u, u, view);
  svec(view, x);
  return matrix;
}

}  // namespace

TraceMinimisationSolution trace_minimisation(const SensingInstance& instance, double tolerance,
                                             int max_iterations, ThreadTeam& team) {
  const std::size_t d = instance.dimension(), p = instance.ensemble.unknowns();
  EnsemblePass pass(instance.ensemble, team);
  const double tau = kPrimalStep * instance.sigma_1;
  const double operator_square = squared_operator_norm(pass, p);
  const double sigma = operator_square > 0 ? kStepProduct / (tau * operator_square) : 0;
  const std::vector<double> identity = svec_identity(d);

  // Everything below is an svec, (p).
  std::vector<double> x(p), g(p), next(p), extrapolated(p), dual(p), next_fit(p);
  pass.run(instance.values, x);
  std::vector<double> fit(pass.adjoint(0).begin(), pass.adjoint(0).end());  // A^T (A x - y)
  const double data_norm = norm(fit), identity_norm = norm(identity);

  TraceMinimisationSolution solution;
  solution.x.resize(d * d);
  while (!solution.converged && solution.iterations < max_iterations) {
    for (std::size_t j = 0; j < p; ++j) next[j] = x[j] - tau * (identity[j] + g[j]);
    solution.x = project_semidefinite(next, d);
    for (std::size_t j = 0; j < p; ++j) extrapolated[j] = 2 * next[j] - x[j];
    pass.run(instance.values, extrapolated);
    const std::span<const double> gap = pass.adjoint(0);
    for (std::size_t j = 0; j < p; ++j) {
      next_fit[j] = (gap[j] + fit[j]) / 2;  // A^T (A next - y), as 2 next = extrapolated + x
      dual[j] = (x[j] - next[j]) / tau + sigma * gap[j];
      x[j] += kRelaxation * (next[j] - x[j]);
      g[j] += kRelaxation * sigma * gap[j];
      fit[j] += kRelaxation * (next_fit[j] - fit[j]);
    }
    ++solution.iterations;
    const double fit_norm = norm(next_fit);
    solution.relative_residual = data_norm > 0 ? fit_norm / data_norm : fit_norm;
    solution.dual_residual = norm(dual) / identity_norm;
    solution.converged = std::max(solution.relative_residual, solution.dual_residual) <= tolerance;
  }
  return solution;
}

}  // namespace ravine
