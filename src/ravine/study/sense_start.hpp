#pragma once

#include <vector>

#include "ravine/base/thread_team.hpp"
#include "ravine/study/sense.hpp"

namespace ravine {

/// The alphas of the configuration, or the default of its kind of start.
std::vector<double> alphas_of(const SenseConfig& config);

/// U_0 of every alpha, one (d, R) after the other. Throws IoError, and DataError for a file of the
/// wrong shape or with numbers that are not finite.
std::vector<double> start_points(const SenseConfig& config, const SensingInstance& instance,
                                 ThreadTeam& team);

}  // namespace ravine
