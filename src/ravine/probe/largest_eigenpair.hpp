#pragma once

#include <cstddef>
#include <span>

#include "ravine/probe/extreme_eigenpairs.hpp"

namespace ravine {

/// How largest_eigenpair works.
struct LargestOptions {
  std::size_t krylov_size = 40;  ///< vectors before the iteration restarts from the best
  int max_restarts = 25;
  double tolerance = 1e-4;  ///< on the residual, relative to the largest |Ritz value|
};

/// The pair, whose residual says how well it went, and the products it took. NaN and no vector when
/// a product was not finite.
struct LargestEigenpair {
  Eigenpair pair;
  bool converged = false;
  std::size_t products = 0;
};

/// The algebraically largest eigenvalue of a symmetric matrix with its vector, by Lanczos's
/// iteration with full orthogonalisation (Parlett 1998, "The Symmetric Eigenvalue Problem", chapter
/// 13), which ends at the first product whose residual is small enough: near the vector, such as
/// from that of the Hessian a few steps ago, after a few. A start without any part along the vector
/// cannot find it. Deterministic. Throws ShapeError when `start` is empty, ConfigError when it is
/// zero or not finite and for options out of range.
LargestEigenpair largest_eigenpair(const SymmetricOperator& a, std::span<const double> start,
                                   const LargestOptions& options = {});

}  // namespace ravine
