#include "ravine/study/landscape_points.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "ravine/random/random.hpp"

namespace ravine {

namespace {

Range widened(const Range& range, double margin) {
  return {range.low - margin, range.high + margin};
}

// Adds what the population's spectrum says, and for the population loss where it must be measured.
void expect_population_curvature(LandscapePoint& point, const LandscapeProblem& problem,
                                 LossKind kind, std::size_t kept) {
  std::vector<bool> flags(problem.rank, false);
  std::fill_n(flags.begin(), kept, true);
  const std::vector<double> all =
      population_curvatures(problem.sigma, flags, problem.dimension(), problem.rank);
  point.expected_curvature = {all.front(), all.back()};
  if (kind == LossKind::population) {
    point.allowed_curvature = {{all.front(), all.front()}, {all.back(), all.back()}};
  }
}

// Leaves room for rounding and for a descent that ended near its limit.
LandscapePoint with_margin(LandscapePoint point, const LandscapeProblem& problem) {
  if (!point.allowed_curvature) return point;
  const PointTolerances tolerances = tolerances_of(problem);
  const double margin = tolerances.curvature * tolerances.curvature_scale;
  CurvatureRanges& allowed = *point.allowed_curvature;
  allowed = {widened(allowed.smallest, margin), widened(allowed.largest, margin)};
  return point;
}

}  // namespace

PointTolerances tolerances_of(const LandscapeProblem& problem) {
  const double sigma_1 = problem.sigma.front();
  return {.gradient_scale = std::pow(sigma_1, 1.5), .curvature_scale = sigma_1};
}

std::string_view name_of(LossKind kind) {
  return kind == LossKind::population ? "population" : "sampled";
}

MatrixSensing loss_of(const LandscapeProblem& problem, LossKind kind, std::int64_t evaluations,
                      ThreadTeam& team) {
  const SensingInstance& instance = problem.instance;
  if (kind == LossKind::population) {
    return population_sensing(instance.truth_view(), problem.rank, team);
  }
  const std::vector<std::string> names = {"1"};
  const OperatorChoice choice = choose_operator(instance, 1, evaluations, {});
  return {make_operator(choice.kind, instance, team), problem.rank, names, team};
}

LandscapePoint zero_point(const LandscapeProblem& problem, LossKind kind) {
  const std::size_t d = problem.dimension();
  LandscapePoint point{
      "0", std::vector<double>(d * problem.rank), PointKind::strict_saddle, {}, {}};
  expect_population_curvature(point, problem, kind, 0);
  if (kind == LossKind::sampled) {
    point.allowed_curvature =
        sampled_curvature_at_zero(problem.sigma, d, problem.instance.ensemble.count());
  }
  return with_margin(std::move(point), problem);
}

LandscapePoint minimum_point(const LandscapeProblem& problem, LossKind kind, std::string name,
                             std::vector<double> u) {
  LandscapePoint point{std::move(name), std::move(u), PointKind::minimum, {}, {}};
  expect_population_curvature(point, problem, kind, problem.rank);
  if (kind == LossKind::sampled) {
    point.allowed_curvature = sampled_curvature_at_truth(problem.sigma, problem.dimension(),
                                                         problem.instance.ensemble.count());
  }
  return with_margin(std::move(point), problem);
}

LandscapePoint saddle_point(const LandscapeProblem& problem, LossKind kind, std::size_t kept,
                            std::vector<double> u) {
  LandscapePoint point{
      fmt::format("best rank {}", kept), std::move(u), PointKind::strict_saddle, {}, {}};
  expect_population_curvature(point, problem, kind, kept);
  return with_margin(std::move(point), problem);
}

LandscapePoint random_point(const LandscapeProblem& problem, std::uint64_t seed) {
  return {"random",
          random_factor(problem, seed, "landscape random point"),
          PointKind::not_critical,
          {},
          {}};
}

std::vector<double> truncated_factor(const LandscapeProblem& problem, std::size_t kept) {
  std::vector<double> factor = problem.eigenfactor;
  for (std::size_t i = 0; i < problem.dimension(); ++i) {
    for (std::size_t j = kept; j < problem.rank; ++j) factor[i * problem.rank + j] = 0;
  }
  return factor;
}

std::vector<double> random_factor(const LandscapeProblem& problem, std::uint64_t seed,
                                  std::string_view name) {
  std::vector<double> factor(problem.dimension() * problem.rank);
  RandomStream(seed, name).fill_normal(std::span<double>(factor));
  // A (d, r) Gaussian matrix has spectral norm about sqrt d + sqrt r.
  const double norm = std::sqrt(static_cast<double>(problem.dimension())) +
                      std::sqrt(static_cast<double>(problem.rank));
  for (double& entry : factor) entry *= std::sqrt(problem.sigma.front()) / norm;
  return factor;
}

}  // namespace ravine
