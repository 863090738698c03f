#include "ravine/study/landscape_slice.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/timer.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/optimizer/gradient_descent.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

constexpr double kReach = 1.5;              // coordinates run from -kReach to kReach
constexpr std::size_t kCoarsePoints = 13;   // a side, where only the largest deviation counts
constexpr std::size_t kPointsAtATime = 16;  // of a pass over the measurements
constexpr std::size_t kFewest = 16;         // m over the fewest measurements
constexpr double kPathTolerance = 1e-4;     // gradient norm, in units, at which a path ends
constexpr double kPathDivergence = 1e3;     // of the loss
// Where paths start: near the ridges that lead to saddles, and in the open.
constexpr double kStartRadius = 1.35;
constexpr double kStartDegrees[] = {20, 88, 130, 200, 274, 310};

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

// Writes down where a path goes.
class PathWatch : public Observer<double> {
 public:
  PathWatch(const SlicePlane& plane, SlicePath& path) : plane_(plane), path_(path) {}

  void on_step(const StepEvent<double>& event, StopRequests&) override {
    path_.positions.push_back(position_in(plane_, event.parameters));
    path_.loss.push_back(event.losses[0]);
  }

 private:
  const SlicePlane& plane_;
  SlicePath& path_;
};

template <class O>
std::vector<SlicePath> descend_in_plane(O& objective, const LandscapeProblem& problem,
                                        const SlicePlane& plane, const SliceOptions& options,
                                        ThreadTeam& team) {
  DescentOptions descent;
  descent.max_steps = options.iterations;
  descent.learning_rate = options.step / problem.sigma.front();
  descent.gradient_tolerance = kPathTolerance * tolerances_of(problem).gradient_scale;
  descent.divergence_factor = kPathDivergence;
  std::vector<SlicePath> paths;
  for (const double degrees : kStartDegrees) {
    const double angle = degrees * std::numbers::pi / 180;
    std::vector<double> u =
        plane.at(kStartRadius * std::cos(angle), kStartRadius * std::sin(angle));
    PathWatch watch(plane, paths.emplace_back());
    Observer<double>* const observers[] = {&watch};
    descend(objective, GradientDescent{}, std::span(u), descent, observers, team);
  }
  return paths;
}

// The sampled loss with several members, to evaluate as many points in one pass.
class SampledLoss {
 public:
  SampledLoss(const LandscapeProblem& problem, std::size_t measurements, std::uint64_t seed,
              ThreadTeam& team)
      : instance_{MeasurementEnsemble::gaussian(problem.dimension(), measurements, seed, team),
                  {},
                  {},
                  {}},
        problem_(problem),
        team_(team) {
    std::vector<double> truth(instance_.ensemble.unknowns());
    const std::size_t d = problem.dimension();
    svec(MatrixView<const double>(problem.instance.truth.data(), d, d), truth);
    EnsemblePass pass(instance_.ensemble, team);
    pass.run({}, truth);
    const std::span<const double> products = pass.residuals(0);
    instance_.values.assign(products.begin(), products.end());
  }

  MatrixSensing with_members(std::size_t count) const&& = delete;  // it refers to this
  MatrixSensing with_members(std::size_t count) const& {
    std::vector<std::string> names;
    for (std::size_t k = 1; k <= count; ++k) names.push_back(fmt::format("{}", k));
    return MatrixSensing(instance_.ensemble, instance_.values, problem_.rank, names, team_);
  }

 private:
  SensingInstance instance_;
  const LandscapeProblem& problem_;
  ThreadTeam& team_;
};

std::vector<double> coordinates(std::size_t points) { return equidistant(-kReach, kReach, points); }

LandscapeSlice population_slice(const LandscapeProblem& problem, const SlicePlane& plane,
                                const SliceOptions& options, ThreadTeam& team) {
  PopulationSensing objective(problem.instance.truth, problem.dimension(), problem.rank);
  const std::vector<double> grid = coordinates(options.points);
  return {LossKind::population, 0, loss_slice(objective, plane, grid, grid),
          descend_in_plane(objective, problem, plane, options, team)};
}

LandscapeSlice sampled_slice(const LandscapeProblem& problem, const SlicePlane& plane,
                             std::size_t measurements, const SliceOptions& options,
                             ThreadTeam& team) {
  const SampledLoss loss(problem, measurements, options.seed, team);
  MatrixSensing many = loss.with_members(kPointsAtATime);
  const std::vector<double> grid = coordinates(options.points);
  LandscapeSlice slice{LossKind::sampled, measurements, loss_slice(many, plane, grid, grid), {}};
  MatrixSensing one = loss.with_members(1);
  slice.paths = descend_in_plane(one, problem, plane, options, team);
  return slice;
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
  const std::vector<double> grid = coordinates(kCoarsePoints);
  PopulationSensing population(problem.instance.truth, problem.dimension(), problem.rank);
  const LossSlice expected = loss_slice(population, plane, grid, grid);
  const double unit = squared_norm(std::span<const double>(problem.instance.truth)) / 2;
  const std::vector<std::size_t> counts = measurement_counts(problem.instance.ensemble.count());
  const auto total = static_cast<std::int64_t>(counts.size() * options.draws);
  const Timer timer;
  std::vector<SliceDeviation> deviations;
  for (const std::size_t count : counts) {
    for (std::size_t draw = 1; draw <= options.draws && !context.interrupted(); ++draw) {
      const std::uint64_t seed = options.seed + deviations.size() + 1;
      const SampledLoss sampled(problem, count, seed, *context.team);
      MatrixSensing loss = sampled.with_members(kPointsAtATime);
      const double largest = largest_difference(loss_slice(loss, plane, grid, grid), expected);
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
  result.slices.push_back(population_slice(problem, plane, options, *context.team));
  const std::size_t most = problem.instance.ensemble.count();
  for (const std::size_t count : {std::max<std::size_t>(1, most / kFewest), most}) {
    if (context.interrupted()) return result;
    result.slices.push_back(sampled_slice(problem, plane, count, options, *context.team));
  }
  result.deviations = deviations_of(problem, plane, options, context);
  result.fit = fit_of(result.deviations);
  return result;
}

}  // namespace ravine
