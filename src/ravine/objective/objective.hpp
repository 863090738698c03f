#pragma once

#include <concepts>
#include <cstdint>
#include <span>

#include "ravine/objective/parameter_layout.hpp"

namespace ravine {

/// What one evaluation is asked for.
struct Evaluation {
  /// Selects the mini-batch; objectives without mini-batches ignore it.
  std::int64_t step = 0;
  /// One flag a member, or empty for all. Losses and gradients of inactive members are left as they
  /// are.
  std::span<const std::uint8_t> active = {};

  bool is_active(std::size_t member) const { return active.empty() || active[member] != 0; }
};

/// Something that can be descended: a loss and its gradient as a function of one flat parameter
/// vector. loss_and_gradient(parameters, evaluation, gradient, losses) fills `gradient` (size
/// layout().size()) and `losses` (size layout().members()). It is a function of its arguments alone
/// - a mini-batch is a function of (seed, step) - so that a resumed run sees what the first one
/// saw.
template <class O>
concept Objective = std::floating_point<typename O::Scalar> &&
    requires(O& objective, std::span<const typename O::Scalar> parameters,
             const Evaluation& evaluation, std::span<typename O::Scalar> gradient,
             std::span<double> losses) {
  { objective.layout() } -> std::same_as<const ParameterLayout&>;
  objective.loss_and_gradient(parameters, evaluation, gradient, losses);
};

/// An objective that also gives Hessian-vector products: hessian_vector(parameters, evaluation,
/// direction, product), all flat vectors of layout().size().
template <class O>
concept TwiceDifferentiable = Objective<O> &&
    requires(O& objective, std::span<const typename O::Scalar> vector, const Evaluation& evaluation,
             std::span<typename O::Scalar> product) {
  objective.hessian_vector(vector, evaluation, vector, product);
};

}  // namespace ravine
