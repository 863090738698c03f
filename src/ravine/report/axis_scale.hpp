#pragma once

#include <string>
#include <vector>

namespace ravine::report {

enum class Scale { kLinear, kLog10 };

/// The interval an axis shows, low < high; on a log axis both are positive.
struct AxisRange {
  double low = 0.0;
  double high = 1.0;
};

/// The range that shows all the finite values (on a log axis: the positive ones) with a little
/// room at both ends; a range around them when they are equal. For none, and on a linear axis for
/// zeros only: [0, 1] or [0.1, 10].
AxisRange range_of(const std::vector<double>& values, Scale scale);

/// Where a value falls in a range: 0 at its low end, 1 at its high end. NaN for a value the axis
/// cannot show (non-finite, or not positive on a log axis).
double position_in(const AxisRange& range, Scale scale, double value);

/// A mark on an axis; its label is gnuplot's enhanced text ("10^{−3}").
struct Tick {
  double value;
  std::string label;
  bool minor = false;
};

/// About `wanted` ticks at round values inside the range: powers of ten where a log axis spans
/// enough of them, else 1, 2, 5 times powers of ten. `whole`: integers only (epochs, layers).
std::vector<Tick> ticks_for(const AxisRange& range, Scale scale, int wanted, bool whole = false);

}  // namespace ravine::report
