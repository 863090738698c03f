#include "ravine/study/landscape_slice.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/timer.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

constexpr double kReach = 1.5;             // coordinates run from -kReach to kReach
constexpr std::size_t kCoarsePoints = 13;  // a side, where only the largest deviation counts
constexpr std::size_t kFewest = 16;        // m over the fewest measurements
constexpr double kPathTolerance = 1e-4;    // gradient norm, in units, at which a path ends
constexpr double kPathDivergence = 1e3;    // of the loss
constexpr double kStartRadius = 1.35;
constexpr double kPathStep = 0.05;  // c = eta sigma_1: close to the flow of the gradient

// A random direction orthogonal to the first one and of its length.
std::vector<double> orthogonal_to(std::span<const double> first, std::uint64_t seed) {
  std::vector<double> direction(first.size());
  RandomStream(seed, "slice direction").fill_normal(std::span<double>(direction));
  const double square = squared_norm(first);
  add_scaled(-dot(first, std::span<const double>(direction)) / square, first, direction);
  const double own = squared_norm(std::span<const double>(direction));
  for (double& entry : direction) entry *= own > 0 ? std::sqrt(square / own) : 0;
  return direction;
}

// The eigenfactor with only the columns that are wanted.
std::vector<double> columns_of(const LandscapeProblem& problem, const auto& is_wanted) {
  std::vector<double> factor = problem.eigenfactor;
  for (std::size_t i = 0; i < factor.size(); ++i) {
    if (!is_wanted(i % problem.rank)) factor[i] = 0;
  }
  return factor;
}

std::vector<SlicePath> paths_in(MatrixSensing& objective, const LandscapeProblem& problem,
                                const SlicePlane& plane, const SliceOptions& options,
                                ThreadTeam& team) {
  DescentOptions descent;
  descent.max_steps = options.iterations;
  descent.learning_rate = kPathStep / problem.sigma.front();
  descent.gradient_tolerance = kPathTolerance * tolerances_of(problem).gradient_scale;
  descent.divergence_factor = kPathDivergence;
  return descend_in_plane(objective, plane, slice_starts({}, kStartRadius), descent, team);
}

std::vector<double> measured(const MeasurementEnsemble& ensemble, std::span<const double> matrix,
                             ThreadTeam& team) {
  const std::size_t d = ensemble.dimension();
  std::vector<double> packed(ensemble.unknowns());
  svec(MatrixView<const double>(matrix.data(), d, d), packed);
  EnsemblePass pass(ensemble, team);
  pass.run({}, packed);
  const std::span<const double> products = pass.residuals(0);
  return {products.begin(), products.end()};
}

// The loss of measurements of its own, with a member for every path.
class SampledLoss {
 public:
  SampledLoss(const LandscapeProblem& problem, std::size_t measurements, std::uint64_t seed,
              ThreadTeam& team)
      : ensemble_(MeasurementEnsemble::gaussian(problem.dimension(), measurements, seed, team)),
        values_(measured(ensemble_, problem.instance.truth, team)),
        objective_(ensemble_, values_, problem.rank, std::vector<std::string>(kSlicePaths, "path"),
                   team) {}
  SampledLoss(const SampledLoss&) = delete;  // the objective refers to the rest
  SampledLoss& operator=(const SampledLoss&) = delete;

  MatrixSensing& objective() { return objective_; }

 private:
  MeasurementEnsemble ensemble_;
  std::vector<double> values_;
  MatrixSensing objective_;
};

// Both losses are polynomials of degree 4 in the entries of U.
LossSlice slice_over(MatrixSensing& objective, const SlicePlane& plane, std::size_t points) {
  const std::vector<double> grid = equidistant(-kReach, kReach, points);
  return polynomial_slice(objective, plane, grid, grid, 4);
}

LandscapeSlice slice_of(MatrixSensing& objective, std::size_t measurements,
                        const LandscapeProblem& problem, const SlicePlane& plane,
                        const SliceOptions& options, ThreadTeam& team) {
  return {measurements == 0 ? LossKind::population : LossKind::sampled, measurements,
          slice_over(objective, plane, options.points),
          paths_in(objective, problem, plane, options, team)};
}

double largest_difference(const LossSlice& a, const LossSlice& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.loss.size(); ++i) {
    largest = std::max(largest, std::abs(a.loss[i] - b.loss[i]));
  }
  return largest;
}

// m/16, m/8, ..., m, each at least 1 and none twice.
std::vector<std::size_t> measurement_counts(std::size_t most) {
  std::vector<std::size_t> counts;
  for (std::size_t part = kFewest; part >= 1; part /= 2) {
    const std::size_t count = std::max<std::size_t>(1, most / part);
    if (counts.empty() || counts.back() != count) counts.push_back(count);
  }
  return counts;
}

std::vector<SliceDeviation> deviations_of(const LandscapeProblem& problem, const SlicePlane& plane,
                                          const SliceOptions& options,
                                          const StudyContext& context) {
  MatrixSensing population =
      population_sensing(problem.instance.truth_view(), problem.rank, *context.team);
  const LossSlice expected = slice_over(population, plane, kCoarsePoints);
  const double unit = squared_norm(std::span<const double>(problem.instance.truth)) / 2;
  const std::vector<std::size_t> counts = measurement_counts(problem.instance.ensemble.count());
  const auto total = static_cast<std::int64_t>(counts.size() * options.draws);
  const Timer timer;
  std::vector<SliceDeviation> deviations;
  for (const std::size_t count : counts) {
    for (std::size_t draw = 1; draw <= options.draws && !context.interrupted(); ++draw) {
      const std::uint64_t seed = options.seed + deviations.size() + 1;
      SampledLoss sampled(problem, count, seed, *context.team);
      const LossSlice slice = slice_over(sampled.objective(), plane, kCoarsePoints);
      const double largest = largest_difference(slice, expected);
      deviations.push_back({count, draw, largest / unit});
      context.progress({"slices of sampled losses", static_cast<std::int64_t>(deviations.size()),
                        total, timer.elapsed_seconds()});
    }
  }
  return deviations;
}

LineFit fit_of(const std::vector<SliceDeviation>& deviations) {
  std::vector<double> x, y;
  for (const auto& [count, mean] : mean_deviations(deviations)) {
    x.push_back(std::log10(static_cast<double>(count)));
    y.push_back(std::log10(mean));
  }
  return fit_line(x, y);
}

}  // namespace

std::map<std::size_t, double> mean_deviations(const std::vector<SliceDeviation>& deviations) {
  std::map<std::size_t, std::pair<double, double>> sums;
  for (const SliceDeviation& at : deviations) {
    sums[at.measurements].first += at.largest;
    sums[at.measurements].second += 1;
  }
  std::map<std::size_t, double> means;
  for (const auto& [count, sum] : sums) means[count] = sum.first / sum.second;
  return means;
}

SlicePlane slice_plane(const LandscapeProblem& problem, std::uint64_t seed) {
  SlicePlane plane;
  plane.origin.resize(problem.truth_factor.size());
  if (problem.rank == 1) {
    plane.first = problem.truth_factor;
    plane.second = orthogonal_to(plane.first, seed);
    return plane;
  }
  plane.origin = columns_of(problem, [](std::size_t k) { return k > 1; });
  plane.first = columns_of(problem, [](std::size_t k) { return k == 0; });
  plane.second = columns_of(problem, [](std::size_t k) { return k == 1; });
  return plane;
}

LandscapeSlices slice_landscape(const LandscapeProblem& problem, const SliceOptions& options,
                                const StudyContext& context) {
  const SlicePlane plane = slice_plane(problem, options.seed);
  LandscapeSlices result;
  ThreadTeam& team = *context.team;
  MatrixSensing population = population_sensing(problem.instance.truth_view(), problem.rank, team);
  result.slices.push_back(slice_of(population, 0, problem, plane, options, team));
  const std::size_t most = problem.instance.ensemble.count();
  for (const std::size_t count : {std::max<std::size_t>(1, most / kFewest), most}) {
    if (context.interrupted()) return result;
    SampledLoss sampled(problem, count, options.seed, team);
    result.slices.push_back(slice_of(sampled.objective(), count, problem, plane, options, team));
  }
  result.deviations = deviations_of(problem, plane, options, context);
  result.fit = fit_of(result.deviations);
  return result;
}

}  // namespace ravine
