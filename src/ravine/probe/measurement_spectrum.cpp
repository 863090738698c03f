#include "ravine/probe/measurement_spectrum.hpp"

#include <algorithm>
#include <vector>

#include "ravine/kernels/vector_ops.hpp"
#include "ravine/probe/gram_matrix.hpp"
#include "ravine/probe/largest_eigenpair.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

constexpr LargestOptions kInverseLanczos{.krylov_size = 100, .max_restarts = 3, .tolerance = 1e-10};
constexpr double kShift = 1e-12;  // of the largest eigenvalue: a singular matrix has a factor then

std::vector<double> start_vector(std::size_t size, std::uint64_t seed) {
  std::vector<double> start(size);
  RandomStream(seed, "lanczos start").fill_normal(std::span(start));
  return start;
}

/// The Rayleigh quotient of a unit vector, by a product with the matrix itself.
Eigenpair pair_of(const SymmetricOperator& matrix, std::vector<double> vector) {
  std::vector<double> product(vector.size());
  matrix(vector, product);
  const double value = dot(std::span<const double>(vector), std::span<const double>(product));
  add_scaled(-value, vector, std::span(product));
  return {value, norm(product), std::move(vector)};
}

/// The vector of the smallest eigenvalue, by the inverse; empty where the matrix has none.
std::vector<double> smallest_by_inverse(const MeasurementEnsemble& ensemble, ThreadTeam& team,
                                        double largest, std::span<const double> start) {
  GramMatrix gram(ensemble, team);
  if (!gram.factor(kShift * largest)) return {};
  const SymmetricOperator inverse = [&](std::span<const double> x, std::span<double> y) {
    gram.solve(x, y);
  };
  return largest_eigenpair(inverse, start, kInverseLanczos).pair.vector;
}

/// The same by the matrix turned upside down.
std::vector<double> smallest_by_shift(const SymmetricOperator& matrix, double largest,
                                      std::span<const double> start,
                                      const LargestOptions& options) {
  const SymmetricOperator turned = [&](std::span<const double> x, std::span<double> y) {
    matrix(x, y);
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = 2 * largest * x[i] - y[i];
  };
  return largest_eigenpair(turned, start, options).pair.vector;
}

SpectrumEnds by_lanczos(const MeasurementEnsemble& ensemble, ThreadTeam& team,
                        const SymmetricOperator& matrix, std::size_t size,
                        const MeasurementSpectrumOptions& options) {
  SpectrumEnds ends;
  const SymmetricOperator counted = [&](std::span<const double> x, std::span<double> y) {
    ++ends.products;
    matrix(x, y);
  };
  const EigenOptions& lanczos = options.lanczos;
  const LargestOptions forward{lanczos.krylov_size, lanczos.max_restarts, lanczos.tolerance};
  const std::vector<double> start = start_vector(size, lanczos.seed);
  LargestEigenpair largest = largest_eigenpair(counted, start, forward);
  if (largest.pair.vector.empty()) return ends;
  ends.largest = pair_of(counted, std::move(largest.pair.vector));
  std::vector<double> smallest;
  if (ensemble.count() * ensemble.unknowns() <= options.most_written_out) {
    smallest = smallest_by_inverse(ensemble, team, ends.largest.value, start);
  }
  if (smallest.empty()) {
    smallest = smallest_by_shift(counted, ends.largest.value, start, forward);
  }
  ends.smallest = pair_of(counted, std::move(smallest));
  judge_by_residuals(ends, lanczos.tolerance);
  return ends;
}

}  // namespace

SymmetricOperator normal_product(EnsemblePass& pass) {
  return [&pass](std::span<const double> x, std::span<double> y) {
    pass.run({}, x);
    std::ranges::copy(pass.adjoint(0), y.begin());
  };
}

SpectrumEnds measurement_spectrum(const MeasurementEnsemble& ensemble, ThreadTeam& team,
                                  const MeasurementSpectrumOptions& options) {
  const std::size_t m = ensemble.count(), p = ensemble.unknowns(), size = std::min(m, p);
  EnsemblePass pass(ensemble, team);
  const SymmetricOperator product = normal_product(pass);
  const SymmetricOperator matrix = [&](std::span<const double> x, std::span<double> y) {
    if (m > p) {
      product(x, y);
    } else {
      pass.run({}, pass.adjoint_of(x));
      std::ranges::copy(pass.residuals(0), y.begin());
    }
    for (double& entry : y) entry /= static_cast<double>(m);
  };
  if (size <= options.lanczos.dense_size) {
    return extreme_eigenpairs(matrix, size, options.lanczos);
  }
  return by_lanczos(ensemble, team, matrix, size, options);
}

}  // namespace ravine
