#pragma once

#include <cstdint>
#include <vector>

#include "ravine/descent/run_result.hpp"
#include "ravine/study/landscape_points.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

/// How points of a landscape are sought by gradient descent.
struct LandscapeDescentOptions {
  std::size_t starts = 4;
  std::int64_t iterations = 3000;
  double step = 0.2;  ///< c = eta sigma_1
  std::uint64_t seed = 1234;
};

/// A point that gradient descent ended at, and how.
struct DescendedPoint {
  LandscapePoint point;
  MemberResult descent;
};

/// The end points of descent from random starts, "descent 1" and so on; expected to be global
/// minima. For the sampled loss also its saddles: a zero column of U has a zero gradient and stays
/// zero, so descent from the population's saddle of k columns ends at the sampled loss's own.
std::vector<DescendedPoint> descended_points(const LandscapeProblem& problem, LossKind kind,
                                             const LandscapeDescentOptions& options,
                                             const StudyContext& context);

}  // namespace ravine
