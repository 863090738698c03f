#include "ravine/base/line_fit.hpp"

#include <array>
#include <cmath>

namespace ravine {

namespace {

/// The 0.975 quantile of Student's t: tabulated to 30 degrees of freedom, then the first terms of
/// its expansion about the normal quantile (Abramowitz and Stegun 26.7.5), off by less than 1e-4.
double student_quantile(std::size_t freedom) {
  constexpr std::array kTable = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
                                 2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
                                 2.110,  2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064,
                                 2.060,  2.056, 2.052, 2.048, 2.045, 2.042};
  if (freedom == 0) return INFINITY;
  if (freedom <= kTable.size()) return kTable[freedom - 1];
  constexpr double z = 1.959964;
  const auto nu = static_cast<double>(freedom);
  return z + (z * z * z + z) / (4 * nu) +
         (5 * std::pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * nu * nu);
}

}  // namespace

LineFit fit_line(const std::vector<double>& x, const std::vector<double>& y) {
  const auto is_used = [&](std::size_t i) { return std::isfinite(x[i]) && std::isfinite(y[i]); };
  double mean_x = 0.0;
  double mean_y = 0.0;
  std::size_t points = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!is_used(i)) continue;
    ++points;
    mean_x += (x[i] - mean_x) / static_cast<double>(points);
    mean_y += (y[i] - mean_y) / static_cast<double>(points);
  }
  double xx = 0.0;
  double xy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!is_used(i)) continue;
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  if (points < 2 || xx == 0.0) return {NAN, NAN, points, NAN};
  const double slope = xy / xx;
  double residual = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (is_used(i)) residual += std::pow(y[i] - mean_y - slope * (x[i] - mean_x), 2);
  }
  const auto freedom = static_cast<double>(points - 2);
  const double margin =
      points == 2 ? INFINITY : student_quantile(points - 2) * std::sqrt(residual / freedom / xx);
  return {slope, mean_y - slope * mean_x, points, margin};
}

}  // namespace ravine
