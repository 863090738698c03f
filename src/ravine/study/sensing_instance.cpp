#include "ravine/study/sensing_instance.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include "ravine/objective/factored_form.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::SelfAdjointEigenSolver<RowMajor> eigen_of(MatrixView<const double> m) {
  const auto size = static_cast<Eigen::Index>(m.rows);
  return Eigen::SelfAdjointEigenSolver<RowMajor>(Eigen::Map<const RowMajor>(m.data, size, size));
}

std::vector<double> decreasing_eigenvalues(MatrixView<const double> m) {
  const Eigen::VectorXd values = eigen_of(m).eigenvalues();
  return {std::make_reverse_iterator(values.data() + values.size()),
          std::make_reverse_iterator(values.data())};
}

void set_scale(SensingInstance& instance, const std::vector<double>& eigenvalues) {
  instance.sigma_1 = std::max(eigenvalues.front(), -eigenvalues.back());
  instance.trace = 0;
  for (const double value : eigenvalues) instance.trace += std::max(value, 0.0);
}

/// Replaces U* by Q diag(sqrt lambda): Q its orthonormal basis, lambda spaced evenly from 1 down to
/// 1 / condition_number.
void make_conditioned(std::vector<double>& factor, std::size_t dimension, double condition_number) {
  const auto d = static_cast<Eigen::Index>(dimension);
  const Eigen::Index r = static_cast<Eigen::Index>(factor.size()) / d;
  Eigen::Map<RowMajor> u(factor.data(), d, r);
  const Eigen::HouseholderQR<RowMajor> qr(u);
  u = qr.householderQ() * RowMajor::Identity(d, r);
  for (Eigen::Index k = 1; k < r; ++k) {
    const double share = static_cast<double>(k) / static_cast<double>(r - 1);
    u.col(k) *= std::sqrt(1 - (1 - 1 / condition_number) * share);
  }
}

std::vector<double> measure(const MeasurementEnsemble& ensemble, std::span<const double> truth,
                            ThreadTeam& team) {
  std::vector<double> x(ensemble.unknowns());
  svec(MatrixView<const double>(truth.data(), ensemble.dimension(), ensemble.dimension()), x);
  EnsemblePass pass(ensemble, team);
  pass.run({}, x);
  const std::span<const double> products = pass.residuals(0);
  return {products.begin(), products.end()};
}

}  // namespace

std::vector<double> random_truth_factor(const RandomSensingConfig& config) {
  std::vector<double> factor(config.dimension * config.true_rank);
  const RandomStream stream(config.seed, "truth");
  if (config.condition_number) {
    stream.fill_normal(factor);
    make_conditioned(factor, config.dimension, *config.condition_number);
  } else if (config.truth_entries == TruthEntries::gaussian) {
    stream.fill_normal(factor);
  } else {
    stream.fill_uniform(factor, 0, 1);
  }
  return factor;
}

SensingInstance random_instance(const RandomSensingConfig& config, ThreadTeam& team) {
  const std::size_t d = config.dimension;
  const std::vector<double> factor = random_truth_factor(config);
  const MatrixView<const double> u(factor.data(), d, config.true_rank);
  std::vector<double> truth(d * d);
  symmetric_product(u, u, MatrixView<double>(truth.data(), d, d));
  for (double& entry : truth) entry /= 2;

  SensingInstance instance{
      random_ensemble(config.ensemble, d, config.measurements, config.seed, team), {}, {}, {}};
  instance.values = measure(instance.ensemble, truth, team);
  if (config.noise > 0) {
    std::vector<double> noise(instance.values.size());
    RandomStream(config.seed, "measurement noise").fill_normal(noise);
    for (std::size_t i = 0; i < noise.size(); ++i) instance.values[i] += config.noise * noise[i];
  }
  set_truth(instance, std::move(truth));
  return instance;
}

void set_truth(SensingInstance& instance, std::vector<double> truth) {
  instance.truth = std::move(truth);
  const std::size_t d = instance.dimension();
  instance.truth_eigenvalues =
      decreasing_eigenvalues(MatrixView<const double>(instance.truth.data(), d, d));
  set_scale(instance, instance.truth_eigenvalues);
}

void estimate_scale(SensingInstance& instance, ThreadTeam& team) {
  const std::size_t d = instance.dimension();
  const std::vector<double> estimate = back_projection(instance, team);
  set_scale(instance, decreasing_eigenvalues(MatrixView<const double>(estimate.data(), d, d)));
  instance.sigma_1_estimated = true;
}

std::vector<double> back_projection(const SensingInstance& instance, ThreadTeam& team) {
  const std::size_t d = instance.dimension();
  EnsemblePass pass(instance.ensemble, team);
  std::vector<double> estimate(d * d);
  const MatrixView<double> view(estimate.data(), d, d);
  const SecondMoment& moment = instance.ensemble.second_moment();
  smat(pass.adjoint_of(instance.values),
       1 / (moment.square * static_cast<double>(instance.ensemble.count())), view);
  double trace = 0;
  for (std::size_t i = 0; i < d; ++i) trace += view(i, i);
  const double excess =
      moment.trace * trace / (moment.square + moment.trace * static_cast<double>(d));
  for (std::size_t i = 0; i < d; ++i) view(i, i) -= excess;
  return estimate;
}

std::vector<double> spectral_factor(MatrixView<const double> matrix, std::size_t rank) {
  const auto eigen = eigen_of(matrix);
  const std::size_t d = matrix.rows;
  std::vector<double> factor(d * rank);
  for (std::size_t k = 0; k < rank; ++k) {
    const auto index = static_cast<Eigen::Index>(d - 1 - k);
    const double root = std::sqrt(std::max(0.0, eigen.eigenvalues()(index)));
    for (std::size_t i = 0; i < d; ++i) {
      factor[i * rank + k] = root * eigen.eigenvectors()(static_cast<Eigen::Index>(i), index);
    }
  }
  return factor;
}

}  // namespace ravine
