#include "ravine/probe/loss_slice.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace {

constexpr double kParallel = 1e-12;  // squared sine of the angle between two directions

/// Between the least and the largest of some numbers.
std::vector<double> chebyshev_points(const std::vector<double>& numbers, std::size_t count) {
  const auto [low, high] = std::ranges::minmax(numbers);
  const double reach = high > low ? (high - low) / 2 : 1;
  std::vector<double> points;
  for (std::size_t k = 0; k < count; ++k) {
    const double angle =
        std::numbers::pi * (static_cast<double>(k) + 0.5) / static_cast<double>(count);
    points.push_back((low + high) / 2 + reach * std::cos(angle));
  }
  return points;
}

/// The polynomials that are 1 at one node and 0 at the others.
std::vector<double> lagrange_basis(const std::vector<double>& nodes, double at) {
  std::vector<double> basis(nodes.size(), 1);
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    for (std::size_t j = 0; j < nodes.size(); ++j) {
      if (j != k) basis[k] *= (at - nodes[j]) / (nodes[k] - nodes[j]);
    }
  }
  return basis;
}

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

LossSlice loss_slice(const SlicePlane& plane, std::vector<double> x, std::vector<double> y,
                     std::size_t at_a_time, const PointLosses& losses_at) {
  const std::size_t size = plane.origin.size();
  check_plane(plane, size);
  LossSlice slice{std::move(x), std::move(y), {}};
  const std::size_t columns = slice.x.size(), count = columns * slice.y.size();
  slice.loss.resize(count);
  std::vector<double> points(at_a_time * size), losses(at_a_time);
  for (std::size_t begin = 0; begin < count; begin += at_a_time) {
    const std::size_t here = std::min(at_a_time, count - begin);
    for (std::size_t i = begin; i < begin + here; ++i) {
      const std::vector<double> point = plane.at(slice.x[i % columns], slice.y[i / columns]);
      std::ranges::copy(point, points.begin() + static_cast<std::ptrdiff_t>((i - begin) * size));
    }
    losses_at(points, losses);
    std::copy_n(losses.begin(), here, slice.loss.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  return slice;
}

LossSlice polynomial_slice(const SlicePlane& plane, std::vector<double> x, std::vector<double> y,
                           std::size_t degree, std::size_t at_a_time,
                           const PointLosses& losses_at) {
  LossSlice slice{std::move(x), std::move(y), {}};
  slice.loss.resize(slice.x.size() * slice.y.size());
  if (slice.loss.empty()) return slice;
  const std::vector<double> x_nodes = chebyshev_points(slice.x, degree + 1);
  const std::vector<double> y_nodes = chebyshev_points(slice.y, degree + 1);
  const LossSlice known = loss_slice(plane, x_nodes, y_nodes, at_a_time, losses_at);
  for (std::size_t i = 0; i < slice.y.size(); ++i) {
    const std::vector<double> rows = lagrange_basis(y_nodes, slice.y[i]);
    for (std::size_t j = 0; j < slice.x.size(); ++j) {
      const std::vector<double> columns = lagrange_basis(x_nodes, slice.x[j]);
      double& loss = slice.loss[i * slice.x.size() + j];
      for (std::size_t k = 0; k < known.loss.size(); ++k) {
        loss += rows[k / x_nodes.size()] * columns[k % x_nodes.size()] * known.loss[k];
      }
    }
  }
  return slice;
}

}  // namespace ravine
