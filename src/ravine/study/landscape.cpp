#include "ravine/study/landscape.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/option_check.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/objective/svec.hpp"
#include "ravine/study/landscape_descent.hpp"
#include "ravine/study/landscape_escape.hpp"
#include "ravine/study/landscape_points.hpp"
#include "ravine/study/landscape_record.hpp"
#include "ravine/study/landscape_search.hpp"
#include "ravine/study/landscape_search_record.hpp"
#include "ravine/study/landscape_slice.hpp"
#include "ravine/study/landscape_slice_record.hpp"

namespace ravine {

namespace {

constexpr std::size_t kMostNumbers = std::size_t{1} << 32;  // of all measurements, 16 GiB
constexpr double kDistanceTolerance = 1e-3;                 // of a minimum from X*, over sigma_1
constexpr std::int64_t kProductsPerPoint = 200;             // about, of its spectrum

// The points that are known without descending.
std::vector<LandscapePoint> known_points(const LandscapeProblem& problem, LossKind kind,
                                         std::uint64_t seed) {
  const std::string truth = problem.rank == 1 ? "u*" : "U*";
  std::vector<double> opposite = problem.truth_factor;
  for (double& entry : opposite) entry = -entry;
  std::vector<LandscapePoint> points;
  points.push_back(zero_point(problem, kind));
  points.push_back(minimum_point(problem, kind, "+" + truth, problem.truth_factor));
  points.push_back(minimum_point(problem, kind, "-" + truth, std::move(opposite)));
  if (kind == LossKind::population) {
    for (std::size_t k = 1; k < problem.rank; ++k) {
      points.push_back(saddle_point(problem, kind, k, truncated_factor(problem, k)));
    }
  }
  points.push_back(random_point(problem, seed));
  return points;
}

double distance_to_truth(const LandscapeProblem& problem, std::span<const double> u) {
  ThreadTeam alone(1);
  MatrixSensing half_square =
      population_sensing(problem.instance.truth_view(), problem.rank, alone);
  return std::sqrt(2 * claim_at(half_square, u, 0).losses.front());
}

bool agrees_with_theory(const LandscapeProblem& problem, const LandscapePoint& point,
                        const PointExamination& measured, double distance) {
  if (measured.kind != point.expected) return false;
  const bool must_be_truth = point.expected == PointKind::minimum;
  if (must_be_truth && distance > kDistanceTolerance * problem.sigma.front()) return false;
  if (!point.allowed_curvature) return true;
  return point.allowed_curvature->smallest.contains(measured.curvature.smallest.value) &&
         point.allowed_curvature->largest.contains(measured.curvature.largest.value);
}

ExaminedPoint examine(MatrixSensing& objective, const LandscapeProblem& problem, LossKind kind,
                      LandscapePoint point) {
  PointExamination measured = examine_point(objective, point.u, tolerances_of(problem));
  const double distance = distance_to_truth(problem, point.u);
  const bool agrees = agrees_with_theory(problem, point, measured, distance);
  return {kind, std::move(point), std::move(measured), distance, agrees};
}

std::string line_about(const ExaminedPoint& at) {
  return fmt::format(
      "{:<10}  {:<12}  {:<13}  relative gradient norm {:7.1e}  eigenvalues {:.6g} to {:.6g}",
      name_of(at.kind), at.point.name, name_of(at.measured.kind),
      at.measured.relative_gradient_norm, at.measured.curvature.smallest.value,
      at.measured.curvature.largest.value);
}

// Examines points until the user asks to end.
void examine_all(MatrixSensing& objective, const LandscapeProblem& problem, LossKind kind,
                 std::vector<LandscapePoint> points, const StudyContext& context,
                 LandscapeRecord& record) {
  const Timer timer;
  const std::string phase = fmt::format("points of the {} loss", name_of(kind));
  std::int64_t done = 0;
  for (LandscapePoint& point : points) {
    if (context.interrupted()) return;
    record.points.push_back(examine(objective, problem, kind, std::move(point)));
    context.line(line_about(record.points.back()));
    context.progress(
        {phase, ++done, static_cast<std::int64_t>(points.size()), timer.elapsed_seconds()});
  }
}

// Finds the points of one loss and examines them, seeks others, and leaves the saddle at 0.
void study_loss(const LandscapeProblem& problem, LossKind kind, const LandscapeConfig& config,
                const StudyContext& context, LandscapeRecord& record) {
  std::vector<LandscapePoint> points = known_points(problem, kind, config.seed);
  const LandscapeDescentOptions options{config.starts, config.iterations, config.step, config.seed};
  for (DescendedPoint& end : descended_points(problem, kind, options, context)) {
    record.descents.push_back({kind, end.point.name, std::move(end.descent)});
    points.push_back(std::move(end.point));
  }
  const std::int64_t evaluations = kProductsPerPoint * static_cast<std::int64_t>(points.size());
  MatrixSensing objective = loss_of(problem, kind, evaluations, *context.team);
  examine_all(objective, problem, kind, std::move(points), context, record);
  if (config.critical_starts > 0 && !context.interrupted()) {
    record.searches.push_back(
        seek_critical_points(problem, kind, {config.critical_starts, config.seed}, context));
    context.line(line_about(record.searches.back()));
  }
  if (context.interrupted()) return;
  record.escapes.push_back(
      escape_from_zero(problem, kind, {config.iterations, config.step, config.seed}, context));
  context.line(line_about(record.escapes.back()));
}

// The outcome of all descents in one word and one line. One that diverged speaks for the run.
std::pair<Termination, std::string> summary_of(const LandscapeRecord& record, bool interrupted) {
  if (interrupted) {
    return {Termination::interrupted,
            fmt::format("interrupted after {} points", record.points.size())};
  }
  const auto count = [&](Termination termination) {
    return std::ranges::count_if(record.descents, [&](const DescentRecord& descent) {
      return descent.result.termination == termination;
    });
  };
  const auto all = static_cast<std::ptrdiff_t>(record.descents.size());
  const std::ptrdiff_t diverged = count(Termination::diverged);
  const std::ptrdiff_t unfinished = count(Termination::max_steps);
  const std::string message = fmt::format(
      "{} points examined; of {} descents {} converged, {} reached the iteration limit, {} "
      "diverged",
      record.points.size(), all, all - diverged - unfinished, unfinished, diverged);
  if (diverged > 0) return {Termination::diverged, message};
  return {unfinished > 0 ? Termination::max_steps : Termination::converged, message};
}

Json configuration_of(const LandscapeConfig& config) {
  return {{"dimension", config.dimension},
          {"true-rank", config.true_rank},
          {"measurements", config.measurement_count()},
          {"starts", config.starts},
          {"iterations", config.iterations},
          {"step", config.step},
          {"critical-starts", config.critical_starts},
          {"slice-points", config.slice_points},
          {"slice-draws", config.slice_draws},
          {"seed", config.seed}};
}

}  // namespace

void check(const LandscapeConfig& config) {
  OptionCheck options("landscape");
  options.demand(config.dimension >= 1 && config.dimension <= 5000, "dimension", "1 to 5000",
                 config.dimension);
  options.demand(config.true_rank >= 1 && config.true_rank <= config.dimension, "true rank",
                 fmt::format("1 to the dimension {}", config.dimension), config.true_rank);
  const std::size_t most = kMostNumbers / std::max<std::size_t>(1, svec_size(config.dimension));
  options.demand(config.measurement_count() <= most, "measurements",
                 fmt::format("at most {} of this dimension", most), config.measurement_count());
  options.demand(config.starts <= 64, "starts", "at most 64", config.starts);
  options.demand(config.iterations >= 1 && config.iterations <= 1'000'000, "iterations",
                 "1 to 1000000", config.iterations);
  options.demand(std::isfinite(config.step) && config.step > 0, "step", "a positive number",
                 config.step);
  options.demand(config.critical_starts <= 100'000, "critical starts", "at most 100000",
                 config.critical_starts);
  options.demand(
      config.slice_points == 0 || (config.slice_points >= 3 && config.slice_points <= 501),
      "slice points", "3 to 501, or 0 for no slices", config.slice_points);
  options.demand(config.slice_draws <= 1000, "slice draws", "at most 1000", config.slice_draws);
  options.report();
}

LandscapeProblem landscape_problem(const LandscapeConfig& config, ThreadTeam& team) {
  const RandomSensingConfig random{.dimension = config.dimension,
                                   .true_rank = config.true_rank,
                                   .measurements = config.measurement_count(),
                                   .seed = config.seed};
  LandscapeProblem problem{
      random_instance(random, team), config.true_rank, random_truth_factor(random), {}, {}};
  problem.sigma = problem.instance.truth_eigenvalues;
  problem.sigma.resize(config.true_rank);
  const std::size_t d = config.dimension;
  problem.eigenfactor = spectral_factor(
      MatrixView<const double>(problem.instance.truth.data(), d, d), config.true_rank);
  return problem;
}

StudyOutcome run_landscape(const LandscapeConfig& config, const StudyContext& context) {
  check(config);
  const Timer timer;
  const LandscapeProblem problem = landscape_problem(config, *context.team);
  const double instance_seconds = timer.elapsed_seconds();
  LandscapeRecord record;
  for (const LossKind kind : {LossKind::population, LossKind::sampled}) {
    study_loss(problem, kind, config, context, record);
  }
  if (config.slice_points > 0 && config.dimension > 1 && !context.interrupted()) {
    const SliceOptions options{config.slice_points, config.slice_draws, config.iterations,
                               config.seed};
    record.slices = slice_landscape(problem, options, context);
    write_slices(context.folder, *record.slices);
    if (std::isfinite(record.slices->fit.slope_margin)) context.line(line_about(*record.slices));
  }
  write_points(context.folder, record);
  write_searches(context.folder, problem, record.searches);
  write_escapes(context.folder, record.escapes);
  write_point_arrays(context.folder, problem, record);

  Manifest manifest;
  manifest.kind = "landscape";
  manifest.configuration = configuration_of(config);
  manifest.results = landscape_results(problem, record);
  manifest.timing = {{"instance_seconds", instance_seconds},
                     {"examination_seconds", timer.elapsed_seconds() - instance_seconds}};
  const auto [termination, message] = summary_of(record, context.interrupted());
  return finish_study(context, std::move(manifest), termination, message);
}

}  // namespace ravine
