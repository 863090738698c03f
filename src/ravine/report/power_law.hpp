#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace ravine::report {

/// y = c x^exponent, by least squares on the log-log plot.
struct PowerLaw {
  double exponent = 0.0;
  double margin = 0.0;  // half the 95 % confidence interval of the exponent
  std::size_t points = 0;
};

/// The increasing power law through points of positive x and y of equal number; points that are not
/// finite on the log-log plot do not count. None where fewer than three are left or none fits:
/// where the exponent is not positive, or known to no better than a quarter of itself.
std::optional<PowerLaw> power_law(std::vector<double> x, std::vector<double> y);

/// Whether y is proportional to x: the exponent is 1 within its margin, or within 0.05.
bool is_proportional(const PowerLaw& law);

}  // namespace ravine::report
