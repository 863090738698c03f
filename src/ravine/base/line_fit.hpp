#pragma once

#include <cstddef>
#include <vector>

namespace ravine {

/// The least-squares line through points; NaN where fewer than two different x are left.
struct LineFit {
  double slope;
  double intercept;
  std::size_t points;  ///< that were finite, and used
  /// Half the width of the 95 % confidence interval of the slope, by Student's t with points - 2
  /// degrees of freedom: right for independent normal errors of one size. Infinite for two points.
  double slope_margin;
};

/// Fits y over x; points with a non-finite coordinate do not count. x and y have equal sizes.
LineFit fit_line(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace ravine
