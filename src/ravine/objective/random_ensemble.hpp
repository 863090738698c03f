#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "ravine/base/named.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/objective/measurement_ensemble.hpp"

namespace ravine {

/// Random measurements <A_i, X> of symmetric X, each a function of (kind, d, m, seed). Their scale
/// is such that the loss 1/(2m) sum_i (<A_i, X> - y_i)^2 has a known mean, by the second moment
/// E <A, X>^2. It is |X|_F^2 for all but rank_one.
///   gaussian: N(0, 1) entries, i.i.d. (Recht, Fazel and Parrilo 2010).
///   symmetric_gaussian: symmetric, N(0, 1) on and N(0, 1/2) off the diagonal (GOE). The symmetric
///     part of a Gaussian matrix, all of it that enters, is just that, so the measurements are
///     those of `gaussian`, number by number.
///   rademacher: i.i.d. entries +1 or -1, not symmetric (ibid., section 4). svec of the symmetric
///     part has independent entries of variance 1: +-1 on the diagonal, elsewhere sqrt 2 (rounded
///     to float32), 0, 0 or -sqrt 2.
///   rank_one: a a^T, a with N(0, 1) entries. E <a a^T, X>^2 = 2 |X|_F^2 + tr(X)^2: not isotropic.
///     Kept unscaled, so that y_i = a_i^T X a_i; steps take the two terms into account.
///   entries: different entries of X, uniformly, those off the diagonal for both of their places.
///     sqrt(p) times an entry of svec(X), p = d (d + 1) / 2: sum_i <A_i, X>^2 / m is then |X|_F^2
///     where everything is observed, and its mean is otherwise. Needs m <= p.
enum class EnsembleKind { gaussian, symmetric_gaussian, rademacher, rank_one, entries };

inline constexpr Named<EnsembleKind> kEnsembles[] = {
    {"gaussian", EnsembleKind::gaussian},
    {"symmetric-gaussian", EnsembleKind::symmetric_gaussian},
    {"rademacher", EnsembleKind::rademacher},
    {"rank-one", EnsembleKind::rank_one},
    {"entries", EnsembleKind::entries}};

/// Throws ShapeError for d or m of 0, ConfigError for more entries than there are.
MeasurementEnsemble random_ensemble(EnsembleKind kind, std::size_t dimension, std::size_t count,
                                    std::uint64_t seed, ThreadTeam& team);

/// The ensemble of a_i a_i^T. vectors: (m, d); `owner` keeps those of a span alive.
MeasurementEnsemble rank_one_ensemble(std::span<const double> vectors, std::size_t dimension,
                                      std::shared_ptr<const void> owner);
MeasurementEnsemble rank_one_ensemble(AlignedBuffer<double> vectors, std::size_t dimension);

}  // namespace ravine
