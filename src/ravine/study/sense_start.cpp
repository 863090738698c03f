#include "ravine/study/sense_start.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/random/random.hpp"
#include "ravine/study/factor_file.hpp"

namespace ravine {

namespace {

std::vector<double> gaussian_factor(const SenseConfig& config, std::size_t d) {
  std::vector<double> w(d * config.rank);
  RandomStream(config.instance.seed, "start").fill_normal(w);
  return w;
}

/// [sqrt(sigma_1) q_1, ..., sqrt(sigma_{r-1}) q_{r-1}, 0, ...], (d, R), r the rank of X*: as many
/// as fit into R columns.
std::vector<double> saddle_factor(const SenseConfig& config, const SensingInstance& instance) {
  const std::size_t d = instance.dimension();
  const std::size_t true_rank = instance.true_rank();
  const std::size_t kept = std::min(true_rank > 0 ? true_rank - 1 : 0, config.rank);
  std::vector<double> factor = spectral_factor(instance.truth_view(), config.rank);
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t k = kept; k < config.rank; ++k) factor[i * config.rank + k] = 0;
  }
  return factor;
}

/// [q_1, ..., q_R], (d, R).
std::vector<double> aligned_factor(const SenseConfig& config, const SensingInstance& instance) {
  const std::size_t d = instance.dimension();
  const Eigenpairs pairs = leading_eigenpairs(instance.truth_view(), config.rank);
  std::vector<double> factor(d * config.rank);
  for (std::size_t k = 0; k < config.rank; ++k) {
    for (std::size_t i = 0; i < d; ++i) factor[i * config.rank + k] = pairs.vectors[k * d + i];
  }
  return factor;
}

std::vector<double> file_factor(const SenseConfig& config, std::size_t d) {
  StoredFactor factor = read_factor(*config.initial_file);
  if (factor.rows != d || factor.columns != config.rank) {
    throw DataError(error_text("sense", *config.initial_file,
                               fmt::format("shape ({}, {})", d, config.rank),
                               fmt::format("({}, {})", factor.rows, factor.columns),
                               "--rank must be the number of columns"));
  }
  return std::move(factor.values);
}

/// What alpha multiplies: (d, R).
std::vector<double> unit_start(const SenseConfig& config, const SensingInstance& instance,
                               ThreadTeam& team) {
  const std::size_t d = instance.dimension();
  switch (config.start) {
    case Start::gaussian:
    case Start::saddle:
      return gaussian_factor(config, d);
    case Start::spectral: {
      const std::vector<double> estimate = back_projection(instance, team);
      return spectral_factor(MatrixView<const double>(estimate.data(), d, d), config.rank);
    }
    case Start::aligned:
      return aligned_factor(config, instance);
    case Start::file:
      return file_factor(config, d);
  }
  return {};
}

}  // namespace

std::vector<double> alphas_of(const SenseConfig& config) {
  if (!config.alphas.empty()) return config.alphas;
  switch (config.start) {
    case Start::gaussian:
    case Start::aligned:
      return {0.1};
    case Start::saddle:
      return {1e-3};
    case Start::spectral:
    case Start::file:
      break;
  }
  return {1};
}

std::vector<double> start_points(const SenseConfig& config, const SensingInstance& instance,
                                 ThreadTeam& team) {
  const std::vector<double> unit = unit_start(config, instance, team);
  const std::vector<double> base = config.start == Start::saddle ? saddle_factor(config, instance)
                                                                 : std::vector<double>(unit.size());
  std::vector<double> starts;
  for (const double alpha : alphas_of(config)) {
    for (std::size_t i = 0; i < unit.size(); ++i) starts.push_back(base[i] + alpha * unit[i]);
  }
  return starts;
}

}  // namespace ravine
