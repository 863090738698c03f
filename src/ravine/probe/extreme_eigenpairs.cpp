#include "ravine/probe/extreme_eigenpairs.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <Eigen/Eigenvalues>
#include <Spectra/SymEigsSolver.h>
#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kNormIterations = 10;       // enough to know the norm within a small factor
constexpr double kLooseTolerance = 1e-2;  // for an estimate where convergence failed
constexpr std::size_t kLeastLanczosSize = 3;
constexpr double kRounding = 1e-14;    // of a product, as a share of the norm
constexpr double kResidualSlack = 10;  // of the true residual over the one Lanczos stops at

std::span<double> span_of(VectorXd& x) { return {x.data(), static_cast<std::size_t>(x.size())}; }

VectorXd product(const SymmetricOperator& a, const VectorXd& x) {
  VectorXd y(x.size());
  a({x.data(), static_cast<std::size_t>(x.size())}, span_of(y));
  return y;
}

// A + shift I, as Spectra wants to see a matrix.
class ShiftedOperator {
 public:
  using Scalar = double;

  ShiftedOperator(const SymmetricOperator& a, std::size_t size, double shift)
      : a_(a), size_(size), shift_(shift) {}

  Eigen::Index rows() const { return static_cast<Eigen::Index>(size_); }
  Eigen::Index cols() const { return rows(); }
  void perform_op(const double* x, double* y) const {
    a_({x, size_}, {y, size_});
    for (std::size_t i = 0; i < size_; ++i) y[i] += shift_ * x[i];
  }

 private:
  const SymmetricOperator& a_;
  std::size_t size_;
  double shift_;
};

void check_options(std::size_t size, const EigenOptions& options) {
  if (size == 0)
    throw ShapeError(error_text("extreme_eigenpairs", "matrix", "a size above 0", "0"));
  if (options.krylov_size < 4 || options.max_restarts < 1 || !(options.tolerance > 0)) {
    throw ConfigError(error_text(
        "extreme_eigenpairs", "options", "krylov_size >= 4, max_restarts >= 1, tolerance > 0",
        fmt::format("{}, {}, {:g}", options.krylov_size, options.max_restarts, options.tolerance)));
  }
}

VectorXd start_vector(std::size_t size, std::uint64_t seed) {
  VectorXd start(static_cast<Eigen::Index>(size));
  RandomStream(seed, "lanczos start").fill_normal(span_of(start));
  return start.normalized();
}

// A lower bound of the largest |eigenvalue|, usually close, by power iteration. NaN or infinite
// when A has such entries.
double norm_estimate(const SymmetricOperator& a, VectorXd x) {
  double norm = 0;
  for (int i = 0; i < kNormIterations; ++i) {
    x = product(a, x);
    norm = x.norm();
    if (norm == 0 || !std::isfinite(norm)) return norm;
    x /= norm;
  }
  return norm;
}

Eigenpair checked_pair(const SymmetricOperator& a, double value, const VectorXd& vector) {
  const double residual = (product(a, vector) - value * vector).norm();
  return {value, residual, {vector.begin(), vector.end()}};
}

SpectrumEnds by_diagonalisation(const SymmetricOperator& a, std::size_t size) {
  SpectrumEnds ends;
  const MatrixXd dense = dense_matrix(a, size);
  if (!dense.allFinite()) {
    ends.message = "a product with the matrix is not finite";
    return ends;
  }
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(dense);
  const Eigen::Index last = dense.rows() - 1;
  ends.smallest = checked_pair(a, solver.eigenvalues()[0], solver.eigenvectors().col(0));
  ends.largest = checked_pair(a, solver.eigenvalues()[last], solver.eigenvectors().col(last));
  return ends;
}

SpectrumEnds by_lanczos(const SymmetricOperator& a, std::size_t size, const EigenOptions& options) {
  SpectrumEnds ends;
  const VectorXd start = start_vector(size, options.seed);
  const double norm = norm_estimate(a, start);
  if (!std::isfinite(norm)) {
    ends.message = "a product with the matrix is not finite";
    return ends;
  }
  // A random vector is an eigenvector of multiples of the identity only, such as zero.
  const Eigenpair pair = checked_pair(a, start.dot(product(a, start)), start);
  if (pair.residual <= kRounding * norm) {
    ends.smallest = ends.largest = pair;
    return ends;
  }
  // Spectra's tolerance is relative to each eigenvalue, which none near 0 can meet. Shifted by
  // twice the norm, all are of the norm's size and the tolerance is relative to that.
  const double shift = 2 * norm;
  ShiftedOperator shifted(a, size, shift);
  Spectra::SymEigsSolver<ShiftedOperator> solver(
      shifted, 2, static_cast<Eigen::Index>(std::min(options.krylov_size, size)));
  for (const double tolerance : {options.tolerance, std::max(kLooseTolerance, options.tolerance)}) {
    solver.init(start.data());
    if (solver.compute(Spectra::SortRule::BothEnds, options.max_restarts, tolerance) < 2) continue;
    ends.largest = checked_pair(a, solver.eigenvalues()[0] - shift, solver.eigenvectors().col(0));
    ends.smallest = checked_pair(a, solver.eigenvalues()[1] - shift, solver.eigenvectors().col(1));
    return ends;
  }
  ends.message = fmt::format("no convergence in {} restarts", options.max_restarts);
  return ends;
}

}  // namespace

MatrixXd dense_matrix(const SymmetricOperator& a, std::size_t size) {
  const auto n = static_cast<Eigen::Index>(size);
  MatrixXd dense(n, n);
  for (Eigen::Index j = 0; j < n; ++j) dense.col(j) = product(a, VectorXd::Unit(n, j));
  return (dense + dense.transpose()) / 2;
}

void judge_by_residuals(SpectrumEnds& ends, double tolerance) {
  const double norm = std::max(std::abs(ends.smallest.value), std::abs(ends.largest.value));
  const double allowed = kResidualSlack * tolerance * norm;
  ends.converged = ends.smallest.residual <= allowed && ends.largest.residual <= allowed;
  ends.message = fmt::format("residuals {:.2g} and {:.2g} after {} products, {} {:.2g}",
                             ends.smallest.residual, ends.largest.residual, ends.products,
                             ends.converged ? "within" : "not within", allowed);
}

SpectrumEnds extreme_eigenpairs(const SymmetricOperator& a, std::size_t size,
                                const EigenOptions& options) {
  check_options(size, options);
  std::size_t products = 0;
  const SymmetricOperator counted = [&](std::span<const double> x, std::span<double> y) {
    ++products;
    a(x, y);
  };
  const bool dense = size <= std::max(options.dense_size, kLeastLanczosSize);
  SpectrumEnds ends =
      dense ? by_diagonalisation(counted, size) : by_lanczos(counted, size, options);
  ends.products = products;
  if (!ends.smallest.vector.empty()) judge_by_residuals(ends, options.tolerance);
  return ends;
}

}  // namespace ravine
