#include "ravine/probe/sensing_curvature.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

namespace {

// Every bound holds but for a Gaussian deviation of this many standard deviations.
constexpr double kDeviations = 4;

void check_shapes(std::span<const double> sigma, const std::vector<bool>& kept,
                  std::size_t dimension, std::size_t columns) {
  const auto kept_count = static_cast<std::size_t>(std::ranges::count(kept, true));
  if (kept.size() == sigma.size() && sigma.size() <= dimension && kept_count <= columns) return;
  throw ShapeError(
      error_text("sensing_curvature", "eigenpairs",
                 fmt::format("a flag for each of {}, rank <= {}, kept <= {}", sigma.size(),
                             dimension, columns),
                 fmt::format("{} flags, rank {}, {} kept", kept.size(), sigma.size(), kept_count)));
}

// The ends of the population's spectrum at the global minima or at 0.
Range population_ends(std::span<const double> sigma, bool keep, std::size_t dimension) {
  const std::vector<double> all =
      population_curvatures(sigma, std::vector<bool>(sigma.size(), keep), dimension, sigma.size());
  return {all.front(), all.back()};
}

}  // namespace

std::vector<double> population_curvatures(std::span<const double> sigma,
                                          const std::vector<bool>& kept, std::size_t dimension,
                                          std::size_t columns) {
  check_shapes(sigma, kept, dimension, columns);
  std::vector<double> inside;   // kept eigenvalues, each with a column of its own
  std::vector<double> outside;  // all others of X*, zeros among them
  for (std::size_t i = 0; i < sigma.size(); ++i) (kept[i] ? inside : outside).push_back(sigma[i]);
  outside.resize(dimension - inside.size());
  const std::size_t free_columns = columns - inside.size();

  std::vector<double> curvatures;
  for (std::size_t j = 0; j < inside.size(); ++j) {
    curvatures.push_back(4 * inside[j]);  // along its own factor
    for (std::size_t i = 0; i < j; ++i) {
      curvatures.push_back(2 * (inside[i] + inside[j]));  // shearing two factors
      curvatures.push_back(0);                            // rotating them
    }
    for (const double other : outside) curvatures.push_back(2 * (inside[j] - other));
  }
  curvatures.insert(curvatures.end(), inside.size() * free_columns, 0);
  for (const double other : outside) {
    curvatures.insert(curvatures.end(), free_columns, 0 - 2 * other);
  }
  std::ranges::sort(curvatures);
  return curvatures;
}

CurvatureRanges sampled_curvature_at_truth(std::span<const double> sigma, std::size_t dimension,
                                           std::size_t measurements) {
  const auto m = static_cast<double>(measurements);
  const std::size_t r = sigma.size();
  // Rank of the population Hessian: all directions but rotations.
  const auto n = static_cast<double>(dimension * r - r * (r - 1) / 2);
  const double deviation = std::sqrt(n / m) + kDeviations / std::sqrt(m);
  const double shrink = std::pow(std::max(0.0, 1 - deviation), 2);
  const double stretch = std::pow(1 + deviation, 2);
  const Range ends = population_ends(sigma, true, dimension);
  return {{shrink * ends.low, stretch * ends.low}, {shrink * ends.high, stretch * ends.high}};
}

CurvatureRanges sampled_curvature_at_zero(std::span<const double> sigma, std::size_t dimension,
                                          std::size_t measurements) {
  const auto m = static_cast<double>(measurements);
  const auto d = static_cast<double>(dimension);
  const double size = std::sqrt(std::inner_product(sigma.begin(), sigma.end(), sigma.begin(), 0.0));
  const double stretch = 1 + kDeviations / std::sqrt(m);
  const double deviation = 2 * sigma.front() * (stretch * stretch - 1) +
                           2 * size * stretch * (std::sqrt(2 * d) + kDeviations) / std::sqrt(m);
  const Range ends = population_ends(sigma, false, dimension);
  return {{ends.low - deviation, ends.low + deviation},
          {ends.high - deviation, ends.high + deviation}};
}

}  // namespace ravine
