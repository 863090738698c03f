#include "ravine/report/thinning.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <utility>

#include "ravine/base/median.hpp"

namespace ravine::report {

namespace {

using Indices = std::vector<std::size_t>;

bool is_gap(const PixelPoint& point) { return !std::isfinite(point.x) || !std::isfinite(point.y); }

// First, lowest, highest and last point of every pixel column of curve[begin, end), in order.
Indices column_extremes(const std::vector<PixelPoint>& curve, std::size_t begin, std::size_t end) {
  Indices kept;
  while (begin < end) {
    const double column = std::floor(curve[begin].x);
    std::size_t last = begin;
    std::size_t lowest = begin;
    std::size_t highest = begin;
    while (last + 1 < end && std::floor(curve[last + 1].x) == column) {
      ++last;
      if (curve[last].y < curve[lowest].y) lowest = last;
      if (curve[last].y > curve[highest].y) highest = last;
    }
    Indices column_points{begin, lowest, highest, last};
    std::sort(column_points.begin(), column_points.end());
    column_points.erase(std::unique(column_points.begin(), column_points.end()),
                        column_points.end());
    kept.insert(kept.end(), column_points.begin(), column_points.end());
    begin = last + 1;
  }
  return kept;
}

double distance_to_line(const PixelPoint& p, const PixelPoint& a, const PixelPoint& b) {
  const double dx = b.x - a.x;
  const double dy = b.y - a.y;
  const double length = std::hypot(dx, dy);
  if (length == 0.0) return std::hypot(p.x - a.x, p.y - a.y);
  return std::abs(dx * (p.y - a.y) - dy * (p.x - a.x)) / length;
}

// Douglas and Peucker: keep the point farthest from the chord, then look at both halves.
Indices simplified(const std::vector<PixelPoint>& curve, const Indices& points, double tolerance) {
  std::vector<bool> keep(points.size(), false);
  keep.front() = keep.back() = true;
  std::vector<std::pair<std::size_t, std::size_t>> chords{{0, points.size() - 1}};
  while (!chords.empty()) {
    const auto [first, last] = chords.back();
    chords.pop_back();
    std::size_t farthest = first;
    double largest = tolerance;
    for (std::size_t i = first + 1; i < last; ++i) {
      const double distance =
          distance_to_line(curve[points[i]], curve[points[first]], curve[points[last]]);
      if (distance > largest) {
        largest = distance;
        farthest = i;
      }
    }
    if (farthest == first) continue;
    keep[farthest] = true;
    chords.emplace_back(first, farthest);
    chords.emplace_back(farthest, last);
  }
  Indices kept;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (keep[i]) kept.push_back(points[i]);
  }
  return kept;
}

}  // namespace

std::vector<std::size_t> points_worth_drawing(const std::vector<PixelPoint>& curve,
                                              double tolerance) {
  Indices kept;
  std::size_t begin = 0;
  while (begin < curve.size()) {
    std::size_t end = begin;
    while (end < curve.size() && !is_gap(curve[end])) ++end;
    if (end > begin) {
      const Indices stretch = simplified(curve, column_extremes(curve, begin, end), tolerance);
      kept.insert(kept.end(), stretch.begin(), stretch.end());
    }
    if (end < curve.size() && (kept.empty() || !is_gap(curve[kept.back()]))) kept.push_back(end);
    begin = end + 1;
  }
  return kept;
}

std::vector<std::size_t> dots_worth_drawing(const std::vector<PixelPoint>& dots) {
  Indices kept;
  std::set<std::pair<double, double>> taken;
  for (std::size_t i = 0; i < dots.size(); ++i) {
    if (is_gap(dots[i])) continue;
    if (taken.emplace(std::floor(dots[i].x), std::floor(dots[i].y)).second) kept.push_back(i);
  }
  return kept;
}

std::vector<std::size_t> corners_of(const std::vector<PixelPoint>& path, double tolerance) {
  if (path.empty()) return {};
  Indices all(path.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return simplified(path, all, tolerance);
}

std::vector<double> running_median(const std::vector<double>& values, std::size_t half_window) {
  std::vector<double> medians(values.size());
  std::vector<double> window;  // its finite values, ascending
  std::size_t entered = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (; entered < values.size() && entered <= i + half_window; ++entered) {
      const double value = values[entered];
      if (std::isfinite(value)) window.insert(std::ranges::upper_bound(window, value), value);
    }
    if (i > half_window && std::isfinite(values[i - half_window - 1])) {
      window.erase(std::ranges::lower_bound(window, values[i - half_window - 1]));
    }
    medians[i] = median_of_sorted(window);
  }
  return medians;
}

}  // namespace ravine::report
