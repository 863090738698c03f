#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ravine/probe/loss_slice.hpp"

namespace ravine {

/// A loss along the straight segment from one point to another: at (1 - t) from + t to, t
/// equidistant from 0 to 1.
struct LossSegment {
  std::vector<double> t;
  std::vector<double> loss;
};

/// Evaluates the loss at `count` points, 2 or more, of a segment. Both ends: (n). Throws ShapeError
/// for ends of different sizes.
LossSegment loss_segment(std::span<const double> from, std::span<const double> to,
                         std::size_t count, std::size_t at_a_time, const PointLosses& losses_at);

/// How far a loss rises between two points above the straight line between its values there,
///   max over t of f((1 - t) from + t to) - (1 - t) f(from) - t f(to),
/// the barrier of linear mode connectivity (Entezari, Sedghi, Saukh and Neyshabur 2022; Frankle,
/// Dziugaite, Roy and Carbin 2020 take the mean of the ends for the line, which is the same where
/// their losses are). Never below 0, which the ends give.
struct Barrier {
  double height = 0;
  double at = 0;  ///< its t; 0 where there is none
};

/// Of a segment's points. NaN where the loss is not finite.
Barrier barrier_of(const LossSegment& segment);

/// The plane of the points a = at(0, 0) and b = at(1, 0) that holds c, with `second` orthogonal to
/// b - a and as long. Throws ShapeError for sizes that differ, ConfigError when the three lie on a
/// line.
SlicePlane plane_through(std::span<const double> a, std::span<const double> b,
                         std::span<const double> c);

}  // namespace ravine
