#pragma once

#include <span>

namespace ravine {

/// Sums that compare a vector with the one before it, kept for that, and keep it in its place: one
/// pass over memory instead of two and a copy. Accumulated in double; equal sizes.

/// sum of x_i kept_i; then kept <- x.
double dot_and_keep(std::span<const float> x, std::span<float> kept);
double dot_and_keep(std::span<const double> x, std::span<double> kept);

struct ChangeSums {
  double square = 0;  ///< sum of x_i^2
  double change = 0;  ///< sum of (x_i - kept_i)^2, the difference rounded to the vectors' precision
};

/// Those sums; then kept <- x.
ChangeSums change_and_keep(std::span<const float> x, std::span<float> kept);
ChangeSums change_and_keep(std::span<const double> x, std::span<double> kept);

}  // namespace ravine
