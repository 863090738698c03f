#pragma once

#include <span>

#include "ravine/probe/extreme_eigenpairs.hpp"
#include "ravine/probe/loss_function.hpp"

namespace ravine {

/// The Hessian of `objective` at `point`, (layout().size()), on one mini-batch. Members of an
/// objective are independent: the Hessian is block diagonal, one block a member. Both `objective`
/// and `point` must outlive the operator. Throws ShapeError.
template <DoubleTwiceDifferentiable O>
SymmetricOperator hessian_operator(O& objective, std::span<const double> point,
                                   std::int64_t step = 0) {
  check_point("hessian", objective.layout(), point);
  return [&objective, point, step](std::span<const double> v, std::span<double> product) {
    objective.hessian_vector(point, Evaluation{step}, v, product);
  };
}

/// The smallest and the largest eigenvalue of that Hessian, over all members.
template <DoubleTwiceDifferentiable O>
SpectrumEnds hessian_spectrum(O& objective, std::span<const double> point,
                              const EigenOptions& options = {}, std::int64_t step = 0) {
  return extreme_eigenpairs(hessian_operator(objective, point, step), objective.layout().size(),
                            options);
}

}  // namespace ravine
