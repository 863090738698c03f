#include "ravine/study/trace_minimisation.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <variant>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/svec.hpp"

namespace ravine {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// gamma as a share of the spectral norm of X*, or its estimate; any positive one converges.
constexpr double kShrinkage = 0.1;
constexpr std::size_t kMostMeasurements = 10'000;

/// A A^T: (m, m).
RowMajor gram_of(const MeasurementEnsemble& ensemble, ThreadTeam& team) {
  const std::size_t m = ensemble.count(), p = ensemble.unknowns();
  AlignedBuffer<double> rows(m * p);
  std::visit([&](const auto& values) { std::ranges::copy(values, rows.begin()); }, ensemble.rows());
  const MatrixView<const double> a(rows.data(), m, p);
  RowMajor gram(m, m);
  team.run([&](int member) {
    const IndexRange mine = split_range(m, team.size(), member);
    matmul_by_transposed(
        a.middle_rows(mine.begin, mine.size()), a,
        MatrixView<double>(gram.data(), m, m).middle_rows(mine.begin, mine.size()));
  });
  return gram;
}

/// Projects onto {x: A x = y}: x - A^T (A A^T)^{-1} (A x - y).
class AffineProjection {
 public:
  AffineProjection(const SensingInstance& instance, ThreadTeam& team)
      : values_(instance.values),
        pass_(instance.ensemble, team),
        gram_(gram_of(instance.ensemble, team)) {}

  void apply(std::span<double> x) {
    pass_.run(values_, x);
    const std::span<const double> residuals = pass_.residuals(0);
    Eigen::VectorXd weights = -Eigen::Map<const Eigen::VectorXd>(
        residuals.data(), static_cast<Eigen::Index>(residuals.size()));
    gram_.solveInPlace(weights);
    add_scaled(1, pass_.adjoint_of({weights.data(), residuals.size()}), x);
  }

 private:
  std::span<const double> values_;
  EnsemblePass pass_;
  Eigen::LLT<RowMajor> gram_;
};

/// S: takes gamma from the eigenvalues of smat(v), negative ones become zero.
void shrink_eigenvalues(double gamma, std::size_t d, std::span<double> v) {
  const auto size = static_cast<Eigen::Index>(d);
  RowMajor matrix(size, size);
  const MatrixView<double> view(matrix.data(), d, d);
  smat(v, 1, view);
  const Eigen::SelfAdjointEigenSolver<RowMajor> eigen(matrix);
  const auto above = (eigen.eigenvalues().array() > gamma).count();
  const auto vectors = eigen.eigenvectors().rightCols(above);
  matrix = vectors * (eigen.eigenvalues().tail(above).array() - gamma).matrix().asDiagonal() *
           vectors.transpose();
  svec(view, v);
}

}  // namespace

void demand_trace_choice(const MeasurementEnsemble& ensemble) {
  const std::size_t most = std::min(ensemble.unknowns() - 1, kMostMeasurements);
  if (ensemble.count() <= most) return;
  throw ConfigError(error_text("trace minimisation", "measurements",
                               fmt::format("at most {}", most), fmt::format("{}", ensemble.count()),
                               "from d (d + 1) / 2 on --minimum-norm finds the only solution"));
}

TraceMinimisation minimise_trace(const SensingInstance& instance, double tolerance,
                                 int max_iterations, ThreadTeam& team) {
  const std::size_t d = instance.dimension(), p = instance.ensemble.unknowns();
  AffineProjection projection(instance, team);
  std::vector<double> z(p), x(p), w(p);
  TraceMinimisation solution;
  solution.relative_residual = INFINITY;
  while (solution.relative_residual > tolerance && solution.iterations < max_iterations) {
    x = z;
    projection.apply(x);
    for (std::size_t j = 0; j < p; ++j) w[j] = 2 * x[j] - z[j];
    shrink_eigenvalues(kShrinkage * instance.sigma_1, d, w);
    double gap = 0;
    for (std::size_t j = 0; j < p; ++j) {
      z[j] += w[j] - x[j];
      gap += (w[j] - x[j]) * (w[j] - x[j]);
    }
    solution.relative_residual = std::sqrt(gap / squared_norm(std::span<const double>(w)));
    ++solution.iterations;
  }
  solution.x.resize(d * d);
  smat(w, 1, MatrixView<double>(solution.x.data(), d, d));
  return solution;
}

}  // namespace ravine
