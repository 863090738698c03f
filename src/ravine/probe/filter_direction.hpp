#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ravine/objective/parameter_layout.hpp"

namespace ravine {

/// A random direction whose part in each row of a weight matrix, what goes into one unit, is as
/// long as that row of `parameters`, and which leaves blocks of one row alone, biases and gains:
/// the filter normalisation of Li, Xu, Taylor, Studer, Goldstein 2018, "Visualizing the Loss
/// Landscape of Neural Nets", section 4. Slices along such directions can be compared between
/// networks, for a ReLU network rescaled does not look flatter. A function of (seed, name) and the
/// parameters.
std::vector<double> filter_direction(const ParameterLayout& layout,
                                     std::span<const double> parameters, std::uint64_t seed,
                                     std::string_view name);

}  // namespace ravine
