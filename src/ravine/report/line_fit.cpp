#include "ravine/report/line_fit.hpp"

#include <cmath>

namespace ravine::report {

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
  if (points < 2 || xx == 0.0) return {NAN, NAN, points};
  return {xy / xx, mean_y - xy / xx * mean_x, points};
}

}  // namespace ravine::report
