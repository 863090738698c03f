#include "ravine/probe/restricted_isometry.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/error.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/objective/spaced_stride.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

constexpr std::size_t kDrawsOfPass = 8;

/// v <- svec of a random matrix of that rank and of norm 1.
void draw(std::size_t dimension, std::size_t rank, const RandomStream& stream, std::size_t index,
          std::span<double> v) {
  std::vector<double> factors(dimension * rank), matrix(dimension * dimension);
  stream.fill_normal(factors, index * factors.size());
  const MatrixView<const double> all(factors.data(), dimension, rank);
  std::vector<double> signed_factors = factors;
  for (std::size_t i = 0; i < dimension; ++i) {
    for (std::size_t j = rank / 2; j < rank; ++j) signed_factors[i * rank + j] *= -1;
  }
  const MatrixView<double> x(matrix.data(), dimension, dimension);
  matmul_by_transposed(all, {signed_factors.data(), dimension, rank}, x);
  svec(x, v);
  const double norm = std::sqrt(squared_norm(std::span<const double>(v)));
  for (double& entry : v) entry /= norm;
}

}  // namespace

IsometryEstimate estimate_isometry(const MeasurementEnsemble& ensemble, std::size_t rank,
                                   std::size_t draws, std::uint64_t seed, ThreadTeam& team) {
  const std::size_t d = ensemble.dimension(), p = ensemble.unknowns();
  if (rank == 0 || rank % 2 != 0 || rank > d || draws == 0) {
    throw ConfigError(error_text("restricted_isometry", "rank and draws",
                                 fmt::format("an even rank of at most {}, a draw", d),
                                 fmt::format("{} and {}", rank, draws)));
  }
  const double unit = ensemble.second_moment().square * static_cast<double>(ensemble.count());
  const RandomStream stream(seed, "isometry draws");
  EnsemblePass pass(ensemble, team);
  const std::size_t stride = spaced_stride(p);
  AlignedBuffer<double> buffer(kDrawsOfPass * stride);
  IsometryEstimate estimate{rank, draws, std::numeric_limits<double>::infinity(), 0, 0};
  for (std::size_t first = 0; first < draws; first += kDrawsOfPass) {
    const std::size_t count = std::min(kDrawsOfPass, draws - first);
    const MatrixView<double> x(buffer.data(), count, p, stride);
    for (std::size_t k = 0; k < count; ++k) draw(d, rank, stream, first + k, x.row(k));
    pass.run({}, x);
    for (std::size_t k = 0; k < count; ++k) {
      const double ratio = squared_norm(pass.residuals(k)) / unit;
      estimate.least_ratio = std::min(estimate.least_ratio, ratio);
      estimate.largest_ratio = std::max(estimate.largest_ratio, ratio);
    }
  }
  estimate.lower_bound = std::max(estimate.largest_ratio - 1, 1 - estimate.least_ratio);
  return estimate;
}

}  // namespace ravine
