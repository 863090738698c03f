#include "ravine/study/sensing_instance.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/base/error.hpp"
#include "ravine/data/npy.hpp"
#include "ravine/objective/factored_form.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

namespace fs = std::filesystem;

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

[[noreturn]] void fail(const fs::path& path, const std::string& expected, const std::string& got,
                       const std::string& hint = {}) {
  throw DataError(error_text("sense", path.string(), expected, got, hint));
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

template <class T>
void demand_finite(const fs::path& path, const T& values) {
  const auto bad = std::ranges::find_if(values, [](auto x) { return !std::isfinite(x); });
  if (bad != values.end()) {
    fail(path, "finite numbers", fmt::format("{} at flat index {}", *bad, bad - values.begin()));
  }
}

NpyArray read_finite(const fs::path& path) {
  NpyArray array = read_npy(path);
  std::visit([&](const auto& values) { demand_finite(path, values); }, array.values);
  return array;
}

/// svec rows of the symmetric parts of full (m, d, d) matrices.
AlignedBuffer<double> svec_rows(const NpyArray& array, ThreadTeam& team) {
  const std::size_t m = array.shape[0], d = array.shape[1], p = svec_size(d);
  AlignedBuffer<double> rows(m * p);
  std::visit(
      [&](const auto& values) {
        team.run([&](int member) {
          const IndexRange mine = split_range(m, team.size(), member);
          for (std::size_t i = mine.begin; i < mine.end; ++i) {
            svec_symmetric_part(MatrixView(values.data() + i * d * d, d, d),
                                std::span(rows).subspan(i * p, p));
          }
        });
      },
      array.values);
  return rows;
}

MeasurementEnsemble read_ensemble(const fs::path& path, ThreadTeam& team) {
  NpyArray array = read_finite(path);
  const std::vector<std::size_t>& shape = array.shape;
  if (shape.size() == 3 && shape[1] == shape[2] && shape[0] > 0 && shape[1] > 0) {
    return {shape[1], shape[0], svec_rows(array, team)};
  }
  const std::size_t d = shape.size() == 2 ? svec_dimension(shape[1]) : 0;
  if (d == 0 || shape[0] == 0) {
    fail(path, "shape (m, d, d), or svec rows (m, d(d+1)/2)", shape_text(shape));
  }
  return {d, shape[0], std::move(array.values)};
}

std::vector<double> read_doubles(const fs::path& path, const std::vector<std::size_t>& shape,
                                 const std::string& because) {
  NpyArray array = read_finite(path);
  if (array.shape != shape) {
    fail(path, fmt::format("shape {}, {}", shape_text(shape), because), shape_text(array.shape));
  }
  const AlignedBuffer<double> values = take_values_as<double>(std::move(array));
  return {values.begin(), values.end()};
}

void demand_symmetric(const fs::path& path, MatrixView<const double> m) {
  double largest = 0;
  for (std::size_t i = 0; i < m.rows; ++i) {
    for (std::size_t j = 0; j < m.cols; ++j) largest = std::max(largest, std::abs(m(i, j)));
  }
  for (std::size_t i = 0; i < m.rows; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (std::abs(m(i, j) - m(j, i)) > 1e-6 * largest) {
        fail(path, "a symmetric matrix",
             fmt::format("{} at ({}, {}) and {} at ({}, {})", m(i, j), i, j, m(j, i), j, i));
      }
    }
  }
}

void add_truth(SensingInstance& instance, std::vector<double> truth) {
  instance.truth = std::move(truth);
  const std::size_t d = instance.dimension();
  instance.truth_eigenvalues =
      decreasing_eigenvalues(MatrixView<const double>(instance.truth.data(), d, d));
  instance.sigma_1 =
      std::max(instance.truth_eigenvalues.front(), -instance.truth_eigenvalues.back());
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
      MeasurementEnsemble::gaussian(d, config.measurements, config.seed, team), {}, {}, {}};
  instance.values = measure(instance.ensemble, truth, team);
  if (config.noise > 0) {
    std::vector<double> noise(instance.values.size());
    RandomStream(config.seed, "measurement noise").fill_normal(noise);
    for (std::size_t i = 0; i < noise.size(); ++i) instance.values[i] += config.noise * noise[i];
  }
  add_truth(instance, std::move(truth));
  return instance;
}

SensingInstance read_instance(const fs::path& measurement_file, const fs::path& value_file,
                              const std::optional<fs::path>& truth_file, ThreadTeam& team) {
  SensingInstance instance{read_ensemble(measurement_file, team), {}, {}, {}};
  const std::size_t d = instance.dimension();
  instance.values =
      read_doubles(value_file, {instance.ensemble.count()},
                   fmt::format("one value for each measurement in {}", measurement_file.string()));
  if (truth_file) {
    std::vector<double> truth = read_doubles(*truth_file, {d, d}, "the measurements' dimension");
    demand_symmetric(*truth_file, MatrixView<const double>(truth.data(), d, d));
    add_truth(instance, std::move(truth));
  } else {
    const std::vector<double> estimate = back_projection(instance, team);
    const std::vector<double> values =
        decreasing_eigenvalues(MatrixView<const double>(estimate.data(), d, d));
    instance.sigma_1 = std::max(values.front(), -values.back());
    instance.sigma_1_estimated = true;
  }
  if (!(instance.sigma_1 > 0)) {
    fail(value_file, "measurements of a matrix that is not zero", "a spectral norm of 0");
  }
  return instance;
}

std::vector<double> back_projection(const SensingInstance& instance, ThreadTeam& team) {
  const std::size_t d = instance.dimension();
  EnsemblePass pass(instance.ensemble, team);
  std::vector<double> estimate(d * d);
  smat(pass.adjoint_of(instance.values), 1 / static_cast<double>(instance.ensemble.count()),
       MatrixView<double>(estimate.data(), d, d));
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
