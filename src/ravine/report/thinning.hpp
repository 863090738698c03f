#pragma once

#include <cstddef>
#include <vector>

namespace ravine::report {

/// A point of a curve on paper, in pixels; NaN coordinates mean a gap in the curve.
struct PixelPoint {
  double x = 0.0;
  double y = 0.0;
};

/// The indices of the points worth drawing, in order. Of each stretch that falls into one pixel
/// column the first, the lowest, the highest and the last survive, so no peak is lost; of those,
/// points closer than `tolerance` pixels to the line through their neighbours go. The first point
/// of every gap is kept. A negative tolerance drops none of the survivors. x must not decrease.
std::vector<std::size_t> points_worth_drawing(const std::vector<PixelPoint>& curve,
                                              double tolerance = 0.3);

/// The same of dots that no line connects, in any order: the first in every pixel.
std::vector<std::size_t> dots_worth_drawing(const std::vector<PixelPoint>& dots);

/// The same of a path without gaps whose x may run both ways: the points farther than `tolerance`
/// pixels from the line through their neighbours.
std::vector<std::size_t> corners_of(const std::vector<PixelPoint>& path, double tolerance = 0.3);

/// The median of a window that slides over the values: result i is the median of the finite ones
/// among values[i - half_window .. i + half_window], cut at the ends; NaN where there are none.
std::vector<double> running_median(const std::vector<double>& values, std::size_t half_window);

}  // namespace ravine::report
