#pragma once

#include <cstddef>
#include <optional>

#include "ravine/probe/sensing_curvature.hpp"
#include "ravine/study/sense.hpp"

namespace ravine {

/// What theory says of the singular values of A / sqrt(m) other than zeros, none where it is
/// silent. Rows of independent entries of variance 1 (gaussian, symmetric_gaussian, rademacher):
/// they fill [ |1 - q|, 1 + q ], q = sqrt(p / m), as m and p grow (Marchenko and Pastur 1967; Bai
/// and Yin 1993 for the ends). entries: all are q, exactly.
std::optional<Range> expected_singular_values(EnsembleKind kind, std::size_t measurements,
                                              std::size_t unknowns);

/// The standard deviation of |A(X)|^2 / m for one X of norm 1, none where it hangs on X: a
/// chi-square number of m degrees of freedom over m for Gaussian measurements.
std::optional<double> expected_isometry_deviation(EnsembleKind kind, std::size_t measurements);

/// For the manifest, as docs/run-folder.md lists it: how far the measurements of the instance are
/// from an isometry on random matrices of twice the rank of X* (of U where X* is not known), and
/// the extreme singular values of A / sqrt(m).
Json operator_diagnosis(const SenseConfig& config, const SensingInstance& instance,
                        ThreadTeam& team);

}  // namespace ravine
