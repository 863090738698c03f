#include "ravine/probe/largest_eigenpair.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include <Eigen/Eigenvalues>
#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRounding = 1e-13;  // a share of a vector that is none

void check_start(const VectorXd& start, const LargestOptions& options) {
  if (start.size() == 0) {
    throw ShapeError(error_text("largest_eigenpair", "start", "a size above 0", "0"));
  }
  if (!(start.norm() > 0) || !std::isfinite(start.norm())) {
    throw ConfigError(error_text("largest_eigenpair", "start", "a finite vector that is not zero",
                                 fmt::format("one of norm {}", start.norm())));
  }
  if (options.krylov_size < 2 || options.max_restarts < 0 || !(options.tolerance > 0)) {
    throw ConfigError(error_text(
        "largest_eigenpair", "options", "krylov_size >= 2, max_restarts >= 0, tolerance > 0",
        fmt::format("{}, {}, {:g}", options.krylov_size, options.max_restarts, options.tolerance)));
  }
}

/// An orthonormal basis Q of what a start vector spans with its products, and A Q.
class KrylovSpace {
 public:
  KrylovSpace(const SymmetricOperator& a, Index size, Index most)
      : a_(a), basis_(size, most), products_(size, most) {}

  void restart() { count_ = 0; }
  Index count() const { return count_; }
  bool is_full() const { return count_ == basis_.cols(); }

  /// Takes one more unit vector, orthogonal to the others. Returns whether A times it is finite.
  bool add(const VectorXd& q) {
    basis_.col(count_) = q;
    const auto size = static_cast<std::size_t>(q.size());
    a_({basis_.col(count_).data(), size}, {products_.col(count_).data(), size});
    return products_.col(count_++).allFinite();
  }

  /// Where the space grows next: A times its last vector, orthogonal to it, of norm 1; zero when
  /// it holds that already.
  VectorXd next() const {
    VectorXd w = products_.col(count_ - 1);
    const double whole = w.norm();
    const auto q = basis_.leftCols(count_);
    for (int pass = 0; pass < 2; ++pass) w -= q * (q.transpose() * w);
    const double left = w.norm();
    return left > kRounding * whole ? VectorXd(w / left) : VectorXd::Zero(w.size());
  }

  /// The space's approximation of the largest eigenvalue and its vector (Rayleigh, Ritz), and the
  /// largest |value| that it knows.
  std::pair<Eigenpair, double> best() const {
    const auto q = basis_.leftCols(count_);
    const auto aq = products_.leftCols(count_);
    const MatrixXd projected = q.transpose() * aq;
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver((projected + projected.transpose()) / 2);
    const VectorXd mix = solver.eigenvectors().col(count_ - 1);
    const double value = solver.eigenvalues()[count_ - 1];
    const VectorXd vector = q * mix;
    const double residual = (aq * mix - value * vector).norm();
    return {{value, residual, {vector.begin(), vector.end()}},
            std::max(std::abs(value), std::abs(solver.eigenvalues()[0]))};
  }

 private:
  const SymmetricOperator& a_;
  MatrixXd basis_, products_;
  Index count_ = 0;
};

}  // namespace

LargestEigenpair largest_eigenpair(const SymmetricOperator& a, std::span<const double> start,
                                   const LargestOptions& options) {
  VectorXd q = Eigen::Map<const VectorXd>(start.data(), static_cast<Index>(start.size()));
  check_start(q, options);
  q.normalize();
  const auto most = static_cast<Index>(std::min(options.krylov_size, start.size()));
  KrylovSpace space(a, q.size(), most);
  LargestEigenpair found;
  for (int restart = 0; restart <= options.max_restarts;) {
    ++found.products;
    if (!space.add(q)) return {{}, false, found.products};
    double norm = 0;
    std::tie(found.pair, norm) = space.best();
    q = space.next();
    found.converged = found.pair.residual <= options.tolerance * norm || q.isZero(0);
    if (found.converged) return found;
    if (!space.is_full()) continue;
    q = Eigen::Map<const VectorXd>(found.pair.vector.data(), q.size()).normalized();
    space.restart();
    ++restart;
  }
  return found;
}

}  // namespace ravine
