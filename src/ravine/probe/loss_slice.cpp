#include "ravine/probe/loss_slice.hpp"

#include <cmath>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace {

constexpr double kParallel = 1e-12;  // squared sine of the angle between two directions

}  // namespace

std::vector<double> SlicePlane::at(double x, double y) const {
  std::vector<double> point = origin;
  add_scaled(x, first, point);
  add_scaled(y, second, point);
  return point;
}

void check_plane(const SlicePlane& plane, std::size_t size) {
  for (const std::vector<double>* vector : {&plane.origin, &plane.first, &plane.second}) {
    if (vector->size() == size) continue;
    throw ShapeError(error_text("loss_slice", "plane", fmt::format("vectors of {} numbers", size),
                                fmt::format("{}", vector->size())));
  }
}

// The normal equations of the two coordinates.
PlanePosition position_in(const SlicePlane& plane, std::span<const double> point) {
  check_plane(plane, point.size());
  std::vector<double> offset(point.begin(), point.end());
  add_scaled(-1, plane.origin, offset);
  const std::span<const double> first(plane.first), second(plane.second);
  const double aa = squared_norm(first), bb = squared_norm(second), ab = dot(first, second);
  const double determinant = aa * bb - ab * ab;
  if (!(determinant > kParallel * aa * bb)) {
    throw ConfigError(error_text("loss_slice", "directions of the plane",
                                 "two that are not parallel", "parallel ones"));
  }
  const double a = dot(first, std::span<const double>(offset));
  const double b = dot(second, std::span<const double>(offset));
  PlanePosition position{(bb * a - ab * b) / determinant, (aa * b - ab * a) / determinant, 0};
  add_scaled(-position.x, first, offset);
  add_scaled(-position.y, second, offset);
  position.distance = std::sqrt(squared_norm(std::span<const double>(offset)));
  return position;
}

std::vector<double> equidistant(double low, double high, std::size_t count) {
  if (count == 1) return {(low + high) / 2};
  std::vector<double> numbers(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(count - 1);
    numbers[i] = low * (1 - share) + high * share;
  }
  return numbers;
}

}  // namespace ravine
