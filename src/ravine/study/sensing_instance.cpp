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

// Eigenvalues of X* up to this share of the largest are rounding.
constexpr double kZeroEigenvalue = 1e-10;

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

std::size_t SensingInstance::true_rank() const {
  const auto above = [&](double value) { return value > kZeroEigenvalue * sigma_1; };
  return static_cast<std::size_t>(std::ranges::count_if(truth_eigenvalues, above));
}

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
      config.measurements == 0
          ? MeasurementEnsemble::none(d)
          : random_ensemble(config.ensemble, d, config.measurements, config.seed, team),
      {},
      {},
      {}};
  instance.values = measure(instance.ensemble, truth, team);
  if (config.noise > 0) {
    std::vector<double> noise(instance.values.size());
    RandomStream(config.seed, "measurement noise").fill_normal(noise);
    for (std::size_t i = 0; i < noise.size(); ++i) instance.values[i] += config.noise * noise[i];
  }
  set_truth(instance, std::move(truth));
  instance.truth_fits = config.noise == 0;
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

std::vector<double> adjoint_at_zero(const SensingInstance& instance, ThreadTeam& team) {
  if (instance.is_population()) return instance.truth;
  const std::size_t d = instance.dimension();
  EnsemblePass pass(instance.ensemble, team);
  std::vector<double> adjoint(d * d);
  smat(pass.adjoint_of(instance.values), 1 / static_cast<double>(instance.ensemble.count()),
       MatrixView<double>(adjoint.data(), d, d));
  return adjoint;
}

std::vector<double> back_projection(const SensingInstance& instance, ThreadTeam& team) {
  const std::size_t d = instance.dimension();
  const SecondMoment& moment = instance.ensemble.second_moment();
  std::vector<double> estimate = adjoint_at_zero(instance, team);
  for (double& entry : estimate) entry /= moment.square;
  const MatrixView<double> view(estimate.data(), d, d);
  double trace = 0;
  for (std::size_t i = 0; i < d; ++i) trace += view(i, i);
  const double excess =
      moment.trace * trace / (moment.square + moment.trace * static_cast<double>(d));
  for (std::size_t i = 0; i < d; ++i) view(i, i) -= excess;
  return estimate;
}

Eigenpairs leading_eigenpairs(MatrixView<const double> matrix, std::size_t count) {
  const auto eigen = eigen_of(matrix);
  const std::size_t d = matrix.rows;
  Eigenpairs pairs{std::vector<double>(count), std::vector<double>(count * d)};
  for (std::size_t k = 0; k < count; ++k) {
    const auto index = static_cast<Eigen::Index>(d - 1 - k);
    pairs.values[k] = eigen.eigenvalues()(index);
    for (std::size_t i = 0; i < d; ++i) {
      pairs.vectors[k * d + i] = eigen.eigenvectors()(static_cast<Eigen::Index>(i), index);
    }
  }
  return pairs;
}

std::vector<double> spectral_factor(MatrixView<const double> matrix, std::size_t rank) {
  const Eigenpairs pairs = leading_eigenpairs(matrix, rank);
  const std::size_t d = matrix.rows;
  std::vector<double> factor(d * rank);
  for (std::size_t k = 0; k < rank; ++k) {
    const double root = std::sqrt(std::max(0.0, pairs.values[k]));
    for (std::size_t i = 0; i < d; ++i) factor[i * rank + k] = root * pairs.vectors[k * d + i];
  }
  return factor;
}

}  // namespace ravine
