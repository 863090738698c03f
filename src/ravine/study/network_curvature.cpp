#include "ravine/study/network_curvature.hpp"

#include <algorithm>

#include "ravine/probe/hessian_spectrum.hpp"

namespace ravine {

namespace {

MlpConfig without_dropout(MlpConfig network) {
  network.dropout.rate = 0;
  return network;
}

}  // namespace

NetworkCurvature::NetworkCurvature(const TrainingProblem& problem, std::size_t samples,
                                   ThreadTeam& team)
    : samples_(problem.train().first(std::min(samples, problem.train().count()))),
      network_(without_dropout(problem.network), samples_,
               Batcher(samples_.count(), samples_.count(), 0, false), team),
      differences_(network_) {
  if (MlpHessian::fits(network_.config())) exact_.emplace(network_, team);
}

SymmetricOperator NetworkCurvature::hessian_at(std::span<const double> point) {
  return exact_ ? hessian_operator(*exact_, point) : hessian_operator(differences_, point);
}

}  // namespace ravine
