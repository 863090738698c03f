#pragma once

#include <string>
#include <vector>

#include "ravine/study/instance_choice.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

/// Slices the loss of one instance through points of the user's.
struct SliceConfig : InstanceChoice {
  /// Two end points A and B or three points, each (d, R), as read_factor() names them.
  std::vector<std::string> through;
  std::size_t points = 81;           ///< grid points a side
  std::size_t segment_points = 101;  ///< along each segment
  std::int64_t iterations = 1000;    ///< at most, of each descent in the plane; 0: no descents
};

/// Throws ConfigError naming every violation.
void check(const SliceConfig& config);

/// Measures the loss of the straight segments from A to B as given and from A to B Q, which is the
/// same point of the loss turned as near to A as can be (aligned_to()), with their barriers; the
/// points' gradients and curvatures; and the loss over the plane through A, B and the third point,
/// or B Q, or where that lies on their line a random direction, with descents in it. Writes what
/// docs/run-folder.md lists for kind `slice`, but for figures and report. Throws ConfigError,
/// IoError, and DataError for files that are wrong or do not fit, and for end points that are
/// equal.
StudyOutcome run_slice(const SliceConfig& config, const StudyContext& context);

}  // namespace ravine
