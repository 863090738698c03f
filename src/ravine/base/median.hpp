#pragma once

#include <span>
#include <vector>

namespace ravine {

/// The middle of the values in order, or the mean of the two in the middle. NaNs do not count; NaN
/// where nothing is left.
double median(std::vector<double> values);

/// The same of values in order without NaNs.
double median_of_sorted(std::span<const double> values);

}  // namespace ravine
