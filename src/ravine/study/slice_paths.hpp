#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ravine/descent/descend.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/probe/loss_slice.hpp"

namespace ravine {

/// Gradient descent from a point of a plane, projected on it.
struct SlicePath {
  std::vector<PlanePosition> positions;  ///< one an iteration, from the start on
  std::vector<double> loss;
};

inline constexpr std::size_t kSlicePaths = 6;

/// The places of kSlicePaths starts around the middle of a slice: near the ridges that lead to
/// saddles in a landscape's plane, and in the open.
std::vector<PlanePosition> slice_starts(PlanePosition middle, double radius);

/// Descends from points of a plane by plain gradient descent, as many at a time as the objective
/// has members, whose number divides theirs.
std::vector<SlicePath> descend_in_plane(MatrixSensing& objective, const SlicePlane& plane,
                                        std::span<const PlanePosition> starts,
                                        const DescentOptions& options, ThreadTeam& team);

}  // namespace ravine
