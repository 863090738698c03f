#pragma once

#include <cstddef>
#include <vector>

namespace ravine::report {

/// The least-squares line through points; NaN where fewer than two different x are left.
struct LineFit {
  double slope;
  double intercept;
  std::size_t points;  // that were finite, and used
};

/// Fits y over x; points with a non-finite coordinate do not count. x and y have equal sizes.
LineFit fit_line(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace ravine::report
