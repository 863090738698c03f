#include "ravine/probe/loss_segment.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace {

constexpr double kOnLine = 1e-9;  // the sine of an angle that rounding cannot tell from 0

std::vector<double> difference(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) {
    throw ShapeError(error_text("loss_segment", "points", fmt::format("{} numbers", a.size()),
                                fmt::format("{}", b.size())));
  }
  std::vector<double> result(a.begin(), a.end());
  add_scaled(-1, b, result);
  return result;
}

}  // namespace

LossSegment loss_segment(std::span<const double> from, std::span<const double> to,
                         std::size_t count, std::size_t at_a_time, const PointLosses& losses_at) {
  const std::vector<double> direction = difference(to, from);
  const SlicePlane line{{from.begin(), from.end()}, direction, direction};
  LossSlice slice = loss_slice(line, equidistant(0, 1, count), {0}, at_a_time, losses_at);
  return {std::move(slice.x), std::move(slice.loss)};
}

Barrier barrier_of(const LossSegment& segment) {
  Barrier barrier;
  const double first = segment.loss.front(), last = segment.loss.back();
  for (std::size_t i = 0; i < segment.t.size(); ++i) {
    const double t = segment.t[i];
    const double rise = segment.loss[i] - ((1 - t) * first + t * last);
    if (!std::isfinite(rise)) return {std::numeric_limits<double>::quiet_NaN(), t};
    if (rise > barrier.height) barrier = {rise, t};
  }
  return barrier;
}

SlicePlane plane_through(std::span<const double> a, std::span<const double> b,
                         std::span<const double> c) {
  SlicePlane plane{{a.begin(), a.end()}, difference(b, a), difference(c, a)};
  const std::span<const double> first(plane.first);
  const double length = norm(first);
  const double third = norm(plane.second);
  for (int pass = 0; pass < 2; ++pass) {  // the second removes what rounding left
    const double along = dot(first, std::span<const double>(plane.second)) / (length * length);
    add_scaled(-along, first, plane.second);
  }
  const double height = norm(plane.second);
  if (!(length > 0) || !(height > kOnLine * third)) {
    throw ConfigError(
        error_text("slice", "three points of a plane", "points that span one", "points on a line"));
  }
  for (double& entry : plane.second) entry *= length / height;
  return plane;
}

}  // namespace ravine
