#pragma once

#include <cstddef>
#include <cstdint>

#include "ravine/base/thread_team.hpp"
#include "ravine/objective/measurement_ensemble.hpp"

namespace ravine {

/// How measurements keep the lengths of matrices of low rank: the ratio |A(X)|^2 / (nu m |X|_F^2)
/// over random X, E <A, X>^2 = nu |X|_F^2 + tau tr(X)^2.
struct IsometryEstimate {
  std::size_t rank = 0;  ///< of every X
  std::size_t draws = 0;
  double least_ratio = 0;
  double largest_ratio = 0;
  /// The largest | ratio - 1 |. The restricted isometry constant delta_rank (Recht, Fazel and
  /// Parrilo 2010) is its supremum over all X of that rank: no less than this, and in general a
  /// good deal more, as no random X is the worst one.
  double lower_bound = 0;
};

/// X = V V^T - W W^T with Gaussian V, W of rank / 2 columns each, as the error U U^T - X* of a
/// factor is. rank: even, above 0, at most d.  Deterministic for any team. Throws ConfigError.
IsometryEstimate estimate_isometry(const MeasurementEnsemble& ensemble, std::size_t rank,
                                   std::size_t draws, std::uint64_t seed, ThreadTeam& team);

}  // namespace ravine
