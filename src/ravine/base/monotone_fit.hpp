#pragma once

#include <span>

namespace ravine {

/// Where shares that should rise with x cross a level: the least-squares fit of values that never
/// fall (pool adjacent violators, Ayer et al. 1955), linear between the places. x: increasing;
/// weights: how much each share counts, e.g. trials; those of 0 are left out. NaN where the fit is
/// above the level from the first place on, or nowhere reaches it.
double rising_crossing(std::span<const double> x, std::span<const double> shares,
                       std::span<const double> weights, double level);

}  // namespace ravine
