#pragma once

#include <functional>

#include "ravine/study/sweep_table.hpp"

namespace ravine {

/// Draws or reads one instance of a plan and makes its descents, one after the other. An outcome
/// with fewer cells than the plan has was interrupted. success: the largest relative error of one.
InstanceOutcome run_instance(const SweepPlan& plan, std::size_t instance, double success,
                             ThreadTeam& team, const std::function<bool()>& interrupted);

/// At least the bytes that an instance takes; 0 when that is not known before it is read.
double instance_bytes(const SenseConfig& config);

}  // namespace ravine
