#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ravine/objective/parameter_layout.hpp"

namespace ravine {

/// The norm of each member's part of a flat vector.
std::vector<double> member_norms(const ParameterLayout& layout, std::span<const double> flat);

/// Scales every member's part of a flat vector to norm 1; a part that is zero stays.
void normalise_members(const ParameterLayout& layout, std::span<double> flat);

/// A flat vector uniform on the unit sphere of every member: a function of (seed, name).
std::vector<double> random_direction(const ParameterLayout& layout, std::uint64_t seed,
                                     std::string_view name);

}  // namespace ravine
