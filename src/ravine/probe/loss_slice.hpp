#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "ravine/kernels/vector_ops.hpp"
#include "ravine/probe/loss_function.hpp"

namespace ravine {

/// A plane through the parameters of one member: origin + x first + y second.
struct SlicePlane {
  std::vector<double> origin, first, second;

  std::vector<double> at(double x, double y) const;
};

/// Throws ShapeError unless origin and directions have `size` numbers.
void check_plane(const SlicePlane& plane, std::size_t size);

/// Where the foot of the perpendicular from a point to a plane lies, and its length.
struct PlanePosition {
  double x = 0;
  double y = 0;
  double distance = 0;
};

/// Throws ShapeError for sizes that differ, ConfigError when `first` and `second` are parallel.
PlanePosition position_in(const SlicePlane& plane, std::span<const double> point);

/// `count` equidistant numbers from low to high, both included; the middle alone for one.
std::vector<double> equidistant(double low, double high, std::size_t count);

/// A loss over a grid in a plane.
struct LossSlice {
  std::vector<double> x, y;
  std::vector<double> loss;  ///< (y.size(), x.size()), row-major
};

/// The losses of several points, which stand one after the other; one number a point.
using PointLosses = std::function<void(std::span<const double> points, std::span<double> losses)>;

/// Evaluates the loss over the grid x times y, `at_a_time` points at once; when fewer are left, the
/// others' places hold points of before. Throws ShapeError for a plane of mixed sizes.
LossSlice loss_slice(const SlicePlane& plane, std::vector<double> x, std::vector<double> y,
                     std::size_t at_a_time, const PointLosses& losses_at);

/// A slice of a polynomial, of degree `degree` at most in x and in y, from (degree + 1)^2 of its
/// values: by Lagrange's interpolation between Chebyshev's points, exact but for rounding.
LossSlice polynomial_slice(const SlicePlane& plane, std::vector<double> x, std::vector<double> y,
                           std::size_t degree, std::size_t at_a_time, const PointLosses& losses_at);

/// losses_at of an objective on the mini-batch of `step`: a point for each of its members, whose
/// blocks are alike. The objective must outlive it.
template <DoubleObjective O>
PointLosses member_losses(O& objective, std::int64_t step = 0) {
  return [&objective, step, unused = std::vector<double>(objective.layout().size())](
             std::span<const double> points, std::span<double> losses) mutable {
    objective.loss_and_gradient(points, Evaluation{step}, unused, losses);
  };
}

/// Slices of an objective, as many points at a time as it has members. Throw ShapeError when the
/// plane's vectors do not have the size of one member.
template <DoubleObjective O>
LossSlice loss_slice(O& objective, const SlicePlane& plane, std::vector<double> x,
                     std::vector<double> y, std::int64_t step = 0) {
  check_plane(plane, objective.layout().size() / objective.layout().members());
  return loss_slice(plane, std::move(x), std::move(y), objective.layout().members(),
                    member_losses(objective, step));
}

template <DoubleObjective O>
LossSlice polynomial_slice(O& objective, const SlicePlane& plane, std::vector<double> x,
                           std::vector<double> y, std::size_t degree) {
  check_plane(plane, objective.layout().size() / objective.layout().members());
  return polynomial_slice(plane, std::move(x), std::move(y), degree, objective.layout().members(),
                          member_losses(objective));
}

}  // namespace ravine
