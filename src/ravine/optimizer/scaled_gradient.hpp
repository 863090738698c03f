#pragma once

#include <span>
#include <string_view>

#include "ravine/optimizer/member_rule.hpp"

namespace ravine {

/// Gradient descent for losses f(U) = h(U U^T), in the metric of the factor U, (d, R):
///   U <- U - eta grad f(U) (U^T U + delta I)^{-1}.
/// Near the minimum a step does the same whatever the condition number of U U^T, so eta does not
/// depend on the size of U: stable below 1/2 for the losses of MatrixSensing, as c = eta sigma_1 is
/// for plain gradient descent.
///
/// ScaledGD (Tong, Ma and Chi 2021): delta = 0, for R equal to the rank of the minimum. With more
/// columns U^T U becomes singular.
struct ScaledGradient {
  std::string_view name() const { return "scaled-gd"; }

  template <class T>
  class Walk;
  template <class T>
  Walk<T> walk(std::span<const ParameterBlock> blocks) const;
};

/// PrecGD (Zhang, Fattahi and Zhang 2021), for more columns than the rank: delta is the distance
/// |U U^T - X*|_F up to a constant, which the loss shows. The paper takes the root of its loss
/// |A(U U^T) - y|^2; with the 1/2 of ours, delta = sqrt(2 f).
struct PreconditionedGradient {
  std::string_view name() const { return "preconditioned-gd"; }

  template <class T>
  ScaledGradient::Walk<T> walk(std::span<const ParameterBlock> blocks) const;
};

template <class T>
class ScaledGradient::Walk {
 public:
  /// Throws ConfigError unless the member is one block, the factor U. `rule` names who asks.
  Walk(std::string_view rule, std::span<const ParameterBlock> blocks, bool damped);

  bool move(const EvaluatedPoint<T>& point) const;
  void exchange_state(StateArchive&) const {}  // it remembers nothing

 private:
  std::size_t rows_;
  std::size_t cols_;
  bool damped_;
};

template <class T>
ScaledGradient::Walk<T> ScaledGradient::walk(std::span<const ParameterBlock> blocks) const {
  return {name(), blocks, false};
}

template <class T>
ScaledGradient::Walk<T> PreconditionedGradient::walk(std::span<const ParameterBlock> blocks) const {
  return {name(), blocks, true};
}

}  // namespace ravine
