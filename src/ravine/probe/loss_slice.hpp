#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
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

/// Evaluates the loss over the grid x times y on the mini-batch of `step`. The plane's vectors have
/// the size of one member; an objective with K members, whose blocks are alike, evaluates K points
/// at a time. Throws ShapeError.
template <DoubleObjective O>
LossSlice loss_slice(O& objective, const SlicePlane& plane, std::vector<double> x,
                     std::vector<double> y, std::int64_t step = 0) {
  const std::size_t members = objective.layout().members();
  const std::size_t size = objective.layout().size() / std::max<std::size_t>(1, members);
  check_plane(plane, size);
  LossSlice slice{std::move(x), std::move(y), {}};
  const std::size_t count = slice.x.size() * slice.y.size();
  slice.loss.resize(count);
  std::vector<double> points(members * size), unused(members * size), losses(members);
  for (std::size_t begin = 0; begin < count; begin += members) {
    const std::size_t here = std::min(members, count - begin);
    for (std::size_t k = 0; k < here; ++k) {
      const std::size_t i = begin + k;
      const std::vector<double> point =
          plane.at(slice.x[i % slice.x.size()], slice.y[i / slice.x.size()]);
      std::copy(point.begin(), point.end(), points.begin() + static_cast<std::ptrdiff_t>(k * size));
    }
    objective.loss_and_gradient(points, Evaluation{step}, unused, losses);
    std::copy_n(losses.begin(), here, slice.loss.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  return slice;
}

}  // namespace ravine
