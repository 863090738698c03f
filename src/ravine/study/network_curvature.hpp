#pragma once

#include <optional>
#include <span>

#include "ravine/objective/mlp.hpp"
#include "ravine/probe/extreme_eigenpairs.hpp"
#include "ravine/probe/finite_difference_hessian.hpp"
#include "ravine/probe/mlp_hessian.hpp"
#include "ravine/study/training_problem.hpp"

namespace ravine {

/// A training problem's network in double precision on the first samples of the training set, as
/// it is used after training (nothing is dropped), and its Hessian: exact where MlpHessian fits,
/// else by differences of gradients.
class NetworkCurvature {
 public:
  /// On as many of the samples as there are. `problem` and `team` must outlive this.
  NetworkCurvature(const TrainingProblem& problem, std::size_t samples, ThreadTeam& team);
  NetworkCurvature(const NetworkCurvature&) = delete;  // the Hessian refers to the network
  NetworkCurvature& operator=(const NetworkCurvature&) = delete;

  Mlp<double>& network() { return network_; }
  const LabelledPixels& samples() const { return samples_; }

  /// The Hessian of the samples' mean loss. `point` and this must outlive it. Throws ShapeError.
  SymmetricOperator hessian_at(std::span<const double> point);

 private:
  LabelledPixels samples_;
  Mlp<double> network_;  // on all samples at once
  std::optional<MlpHessian> exact_;
  FiniteDifferenceHessian<Mlp<double>> differences_;
};

}  // namespace ravine
