#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "ravine/objective/objective.hpp"

namespace ravine {

/// An objective whose arithmetic is precise enough to be checked by differences of losses.
template <class O>
concept DoubleObjective = Objective<O> && std::same_as<typename O::Scalar, double>;

/// The same with Hessian-vector products.
template <class O>
concept DoubleTwiceDifferentiable = DoubleObjective<O> && TwiceDifferentiable<O>;

/// losses(parameters, out): the loss of every member at a flat parameter vector.
using LossFunction =
    std::function<void(std::span<const double> parameters, std::span<double> losses)>;

/// What an objective says of one point: the claim a check compares with differences of losses.
struct PointClaim {
  std::vector<double> losses;    ///< one a member
  std::vector<double> gradient;  ///< flat
};

/// Throws ShapeError naming `component` unless `point` has layout.size() numbers.
void check_point(std::string_view component, const ParameterLayout& layout,
                 std::span<const double> point);

/// Loss and gradient at `point`, (layout().size()), on the mini-batch of `step`.
template <DoubleObjective O>
PointClaim claim_at(O& objective, std::span<const double> point, std::int64_t step) {
  PointClaim claim;
  claim.losses.resize(objective.layout().members());
  claim.gradient.resize(objective.layout().size());
  objective.loss_and_gradient(point, Evaluation{step}, claim.gradient, claim.losses);
  return claim;
}

/// The losses alone, on the mini-batch of `step`; the objective must outlive the function.
template <DoubleObjective O>
LossFunction losses_of(O& objective, std::int64_t step) {
  return [&objective, step, unused = std::vector<double>(objective.layout().size())](
             std::span<const double> parameters, std::span<double> losses) mutable {
    objective.loss_and_gradient(parameters, Evaluation{step}, unused, losses);
  };
}

}  // namespace ravine
