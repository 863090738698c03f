#pragma once

#include <cstddef>

#include "ravine/objective/measurement_ensemble.hpp"
#include "ravine/probe/extreme_eigenpairs.hpp"

namespace ravine {

/// A^T A of the rows of an ensemble: one pass a product. The pass must outlive it.
SymmetricOperator normal_product(EnsemblePass& pass);

/// How measurement_spectrum works.
struct MeasurementSpectrumOptions {
  EigenOptions lanczos;
  /// Up to so many numbers m p (320 MB), the smaller Gram matrix is written out, and its smallest
  /// eigenvalue found by Lanczos iteration on its inverse, where it is the one that stands apart.
  std::size_t most_written_out = 40'000'000;
};

/// The ends of the spectrum of A A^T / m, or of A^T A / m when m > p: squares of the largest and of
/// the min(m, p)-th singular value of A / sqrt(m). Near m = p the smallest eigenvalue lies close to
/// 0 among many others, where Lanczos iteration on the matrix itself, all there is for ensembles
/// too large to write out, does not resolve it: `converged` and the residuals tell. What is found
/// is never below the smallest eigenvalue but for rounding. `products` are those with the matrix,
/// one pass each, or two for A A^T. Deterministic. Throws as extreme_eigenpairs does.
SpectrumEnds measurement_spectrum(const MeasurementEnsemble& ensemble, ThreadTeam& team,
                                  const MeasurementSpectrumOptions& options = {});

}  // namespace ravine
