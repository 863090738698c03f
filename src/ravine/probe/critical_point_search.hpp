#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "ravine/probe/extreme_eigenpairs.hpp"
#include "ravine/probe/loss_function.hpp"

namespace ravine {

struct CriticalSearchOptions {
  int max_iterations = 200;           ///< points tried
  std::size_t max_krylov_size = 400;  ///< Hessian products a point, whose vectors are kept
  double gradient_scale = 1;          ///< the unit of gradient norms
  double curvature_scale = 1;         ///< the unit of Hessian eigenvalues
  double gradient_tolerance = 1e-11;  ///< a point is critical at this gradient norm over the scale
  /// A point is gradient-flat when |H g| <= this times |g|, in the units, while the gradient norm
  /// is still above this times the scale. Nearer to a critical point, a degenerate one looks the
  /// same.
  double flat_tolerance = 1e-3;
};

/// How a search ended.
enum class SearchEnd {
  critical,         ///< the gradient vanishes
  gradient_flat,    ///< it does not, but |gradient|^2 has no slope: the Hessian maps it to zero
  iteration_limit,  ///< neither was reached, or a number was not finite
};

/// "critical", "gradient-flat" or "iteration limit".
std::string_view name_of(SearchEnd end);

struct CriticalSearch {
  std::vector<double> point;  ///< the best found
  double gradient_norm = std::numeric_limits<double>::quiet_NaN();
  SearchEnd end = SearchEnd::iteration_limit;
  int iterations = 0;
  std::size_t products = 0;  ///< with Hessians
};

/// gradient <- the gradient of a loss at `point`.
using GradientField =
    std::function<void(std::span<const double> point, std::span<double> gradient)>;
/// product <- the Hessian at `point` times v.
using HessianField = std::function<void(std::span<const double> point, std::span<const double> v,
                                        std::span<double> product)>;

/// Seeks a critical point of any kind, saddles as willingly as minima, by making half the squared
/// gradient norm small: Gauss-Newton steps with the damping of Levenberg (1944) and Marquardt
/// (1963),
///   (H^2 + mu I) p = -H g,
/// fitted in Krylov spaces of H by LanczosFit, to a tolerance that falls with the gradient norm; mu
/// by the ratio of actual to predicted decrease. Where H g = 0 without g = 0 the method is stuck
/// (Frye et al. 2021, "gradient-flat regions"), and says so. Deterministic.
CriticalSearch seek_critical_point(const GradientField& gradient, const HessianField& hessian,
                                   std::span<const double> start,
                                   const CriticalSearchOptions& options);

/// The same for an objective with one member, on the mini-batch of step 0. start:
/// (layout().size()). Throws ShapeError.
template <DoubleTwiceDifferentiable O>
CriticalSearch seek_critical_point(O& objective, std::span<const double> start,
                                   const CriticalSearchOptions& options) {
  check_point("critical_point_search", objective.layout(), start);
  double loss = 0;
  return seek_critical_point(
      [&](std::span<const double> point, std::span<double> gradient) {
        objective.loss_and_gradient(point, Evaluation{}, gradient, {&loss, 1});
      },
      [&](std::span<const double> point, std::span<const double> v, std::span<double> product) {
        objective.hessian_vector(point, Evaluation{}, v, product);
      },
      start, options);
}

}  // namespace ravine
