#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Core>

namespace ravine {

/// y <- A x for a symmetric matrix A that is known by its products only.
using SymmetricOperator = std::function<void(std::span<const double> x, std::span<double> y)>;

/// A written out, (size, size), from `size` products; symmetrised, since products round.
Eigen::MatrixXd dense_matrix(const SymmetricOperator& a, std::size_t size);

/// How extreme_eigenpairs works.
struct EigenOptions {
  std::size_t dense_size = 64;   ///< up to this size A is written out and diagonalised
  std::size_t krylov_size = 64;  ///< vectors a restart keeps; more means fewer products
  int max_restarts = 100;        ///< of the Lanczos iteration
  double tolerance = 1e-8;       ///< on the residual, relative to the largest |eigenvalue|
  std::uint64_t seed = 1234;     ///< of the start vector
};

/// An eigenvalue with its unit vector v and the proof: some eigenvalue of A lies within
/// residual = |A v - value v| of `value`.
struct Eigenpair {
  double value = std::numeric_limits<double>::quiet_NaN();
  double residual = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> vector;
};

/// Both ends of a spectrum. Failure to converge is data: the best estimates found (NaN and empty
/// vectors where there are none) with their true residuals, and a message.
struct SpectrumEnds {
  Eigenpair smallest;
  Eigenpair largest;
  bool converged = false;
  std::string message = "eigenvalues were not computed";
  std::size_t products = 0;  ///< with A
};

/// Sets `converged` and `message`: whether the true residuals are at most ten times the tolerance,
/// times the larger |eigenvalue|.
void judge_by_residuals(SpectrumEnds& ends, double tolerance);

/// The algebraically smallest and largest eigenvalue of a symmetric matrix with their vectors, by
/// one restarted Lanczos iteration for both. Lanczos sees one vector of a repeated eigenvalue,
/// which is enough here, but it is slow where an end lies in a dense cluster; the residuals are
/// computed afresh and say how well it went. Deterministic. Throws ShapeError when size is 0,
/// ConfigError for options out of range.
SpectrumEnds extreme_eigenpairs(const SymmetricOperator& a, std::size_t size,
                                const EigenOptions& options = {});

}  // namespace ravine
