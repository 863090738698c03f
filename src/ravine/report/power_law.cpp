#include "ravine/report/power_law.hpp"

#include <algorithm>
#include <cmath>

#include "ravine/base/line_fit.hpp"

namespace ravine::report {

namespace {

constexpr std::size_t kFewest = 3;
constexpr double kLargestMargin = 0.25;  // of the exponent
constexpr double kNearlyOne = 0.05;

void take_logarithms(std::vector<double>& values) {
  for (double& value : values) value = std::log10(value);
}

}  // namespace

std::optional<PowerLaw> power_law(std::vector<double> x, std::vector<double> y) {
  take_logarithms(x);
  take_logarithms(y);
  const LineFit fit = fit_line(x, y);
  const bool fits = fit.slope > 0.0 && fit.slope_margin <= kLargestMargin * fit.slope;
  if (fit.points < kFewest || !fits) return std::nullopt;
  return PowerLaw{fit.slope, fit.slope_margin, fit.points};
}

bool is_proportional(const PowerLaw& law) {
  return std::abs(law.exponent - 1.0) <= std::max(law.margin, kNearlyOne);
}

}  // namespace ravine::report
