#pragma once

#include "ravine/objective/measurement_ensemble.hpp"
#include "ravine/probe/extreme_eigenpairs.hpp"

namespace ravine {

/// A^T A of the rows of an ensemble: one pass a product. The pass must outlive it.
SymmetricOperator normal_product(EnsemblePass& pass);

/// The ends of the spectrum of A A^T / m, or of A^T A / m when m > p: squares of the largest and of
/// the min(m, p)-th singular value of A / sqrt(m). One pass a product, or two for A A^T. Throws as
/// extreme_eigenpairs does.
SpectrumEnds measurement_spectrum(const MeasurementEnsemble& ensemble, ThreadTeam& team,
                                  const EigenOptions& options = {});

}  // namespace ravine
