#pragma once

#include <cstdint>

#include "ravine/study/landscape_points.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

/// Examines the critical points of matrix sensing, for the population loss and for the loss of one
/// random instance without noise, with as many columns as X* has rank.
struct LandscapeConfig {
  std::size_t dimension = 100;
  std::size_t true_rank = 1;
  std::size_t measurements = 0;     ///< 0: 10 * dimension * true_rank
  std::size_t starts = 4;           ///< random starts of gradient descent
  std::int64_t iterations = 3000;   ///< at most, of each descent
  double step = 0.2;                ///< c = eta sigma_1
  std::size_t critical_starts = 4;  ///< searches for critical points; 0: none
  std::size_t slice_points = 41;    ///< a side of the loss over a plane; 0 or d = 1: none
  std::size_t slice_draws = 8;      ///< instances for each number of measurements of the slices
  std::uint64_t seed = 1234;

  std::size_t measurement_count() const {
    return measurements > 0 ? measurements : 10 * dimension * true_rank;
  }
};

/// Throws ConfigError naming every violation.
void check(const LandscapeConfig& config);

/// The random instance that a checked configuration describes.
LandscapeProblem landscape_problem(const LandscapeConfig& config, ThreadTeam& team);

/// Measures loss, gradient norm and the ends of the Hessian's spectrum of both losses at 0, +-U*,
/// the saddles that keep the k largest eigenpairs of X*, a random point and the end points of
/// descent from random starts; searches for critical points of any kind; measures how fast descent
/// leaves 0; slices both losses through a plane of critical points; compares all of it with theory;
/// writes what docs/run-folder.md lists for kind `landscape`, but for figures and report. Throws
/// ConfigError, IoError; a descent that fails and an eigenvalue that is not found are outcomes.
StudyOutcome run_landscape(const LandscapeConfig& config, const StudyContext& context);

}  // namespace ravine
