#include "ravine/study/slice.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/probe/procrustes.hpp"
#include "ravine/random/random.hpp"
#include "ravine/study/factor_file.hpp"
#include "ravine/study/sense_descent.hpp"
#include "ravine/study/sensing_operator.hpp"
#include "ravine/study/slice_record.hpp"

namespace ravine {

namespace {

constexpr std::int64_t kProductsPerPoint = 400;  // about, of its spectrum
constexpr double kSamePoint = 1e-6;              // |A - B Q| over |A|
constexpr double kOnLine = 1e-6;                 // distance of a point from A and B's line
constexpr double kReach = 1.5;                   // of the plane shown, over that of its points
constexpr double kPathReach = 0.85;              // of the starts of paths, over the plane's
constexpr double kPathStep = 0.05;               // eta in units of the curvature
constexpr double kPathTolerance = 1e-4;          // gradient norm, in units, at which a path ends
constexpr double kPathDivergence = 1e3;          // of the loss
constexpr std::size_t kDegree = 4;               // of the loss in the entries of U

/// The points as given: A, B and perhaps C, all (d, R), and their instance.
struct SliceProblem {
  SensingInstance instance;
  std::vector<StoredFactor> given;
  std::vector<double> aligned;  ///< B turned towards A

  const std::vector<double>& a() const { return given[0].values; }
  const std::vector<double>& b() const { return given[1].values; }
  std::size_t rank() const { return given[0].columns; }
};

double distance(std::span<const double> a, std::span<const double> b) {
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(squares);
}

MatrixView<const double> view_of(const StoredFactor& factor) {
  return {factor.values.data(), factor.rows, factor.columns};
}

void check_shapes(const SliceConfig& config, const SliceProblem& problem) {
  const std::size_t d = problem.instance.dimension();
  for (std::size_t i = 0; i < problem.given.size(); ++i) {
    const StoredFactor& factor = problem.given[i];
    if (factor.rows == d && factor.columns == problem.rank()) continue;
    throw DataError(error_text(
        "slice", config.through[i],
        i == 0 ? fmt::format("shape ({}, R), the instance's dimension", d)
               : fmt::format("shape ({}, {}) like {}", d, problem.rank(), config.through[0]),
        fmt::format("({}, {})", factor.rows, factor.columns),
        factor.rows == d ? "" : "--dimension must be the number of rows"));
  }
  if (distance(problem.a(), problem.b()) <=
      std::numeric_limits<double>::epsilon() * norm(problem.a())) {
    throw DataError(error_text("slice", config.through[1],
                               fmt::format("another point than {}", config.through[0]),
                               "the same numbers"));
  }
}

SliceProblem prepare(const SliceConfig& config, ThreadTeam& team) {
  std::vector<StoredFactor> given;
  for (const std::string& source : config.through) given.push_back(read_factor(source));
  SliceProblem problem{make_instance(config, team), std::move(given), {}};
  check_shapes(config, problem);
  problem.aligned = aligned_to(view_of(problem.given[0]), view_of(problem.given[1]));
  return problem;
}

/// Of `members` members, each with room for one point.
MatrixSensing loss_of(const SliceProblem& problem, std::size_t members, std::int64_t evaluations,
                      ThreadTeam& team) {
  const SensingInstance& instance = problem.instance;
  const OperatorChoice choice = choose_operator(instance, members, evaluations, {});
  return {make_operator(choice.kind, instance, team), problem.rank(),
          std::vector<std::string>(members, "point"), team};
}

double off_line(const SliceProblem& problem, const std::vector<double>& point) {
  std::vector<double> first = problem.b(), offset = point;
  add_scaled(-1, problem.a(), first);
  add_scaled(-1, problem.a(), offset);
  const std::span<const double> direction(first);
  add_scaled(-dot(direction, std::span<const double>(offset)) / squared_norm(direction), direction,
             offset);
  return norm(offset) / norm(first);
}

SlicePlane choose_plane(const SliceConfig& config, const SliceProblem& problem, ThirdPoint& third) {
  if (problem.given.size() > 2) {
    third = ThirdPoint::given;
    if (off_line(problem, problem.given[2].values) <= kOnLine) {
      throw DataError(error_text("slice", config.through[2],
                                 "a point off the line of the other two", "one on it"));
    }
    return plane_through(problem.a(), problem.b(), problem.given[2].values);
  }
  if (off_line(problem, problem.aligned) > kOnLine) {
    third = ThirdPoint::aligned;
    return plane_through(problem.a(), problem.b(), problem.aligned);
  }
  third = ThirdPoint::random;
  std::vector<double> direction(problem.a().size());
  RandomStream(config.instance.seed, "slice direction").fill_normal(std::span(direction));
  add_scaled(1, problem.a(), direction);
  return plane_through(problem.a(), problem.b(), direction);
}

class Slicing {
 public:
  Slicing(const SliceConfig& config, const SliceProblem& problem, const StudyContext& context)
      : config_(config),
        problem_(problem),
        context_(context),
        objective_(loss_of(problem, kSlicePaths, config.iterations + 1, *context.team)) {
    record_.dimension = problem.instance.dimension();
    record_.rank = problem.rank();
    record_.sigma_1 = problem.instance.sigma_1;
    plane_ = choose_plane(config, problem, record_.third);
    record_.same_point = distance(problem.a(), problem.aligned) <= kSamePoint * norm(problem.a());
  }

  SliceRecord run() {
    examine_points();
    for (const auto& [name, end] :
         {std::pair("as given", &problem_.b()), std::pair("aligned", &problem_.aligned)}) {
      record_.segments.push_back(segment_to(name, *end));
      context_.line(line_about(record_.segments.back(), record_.loss_at_zero));
    }
    slice_plane();
    return std::move(record_);
  }

 private:
  void examine_points() {
    const auto count = static_cast<std::int64_t>(problem_.given.size());
    MatrixSensing objective = loss_of(problem_, 1, count * kProductsPerPoint, *context_.team);
    record_.loss_at_zero =
        claim_at(objective, std::vector<double>(problem_.a().size()), 0).losses.front();
    static constexpr const char* kNames[] = {"A", "B", "C"};
    for (std::size_t i = 0; i < problem_.given.size() && !context_.interrupted(); ++i) {
      const std::vector<double>& u = problem_.given[i].values;
      record_.points.push_back({kNames[i], config_.through[i], u, position_in(plane_, u),
                                examine_point(objective, u, tolerances()), relative_error(u)});
      context_.line(fmt::format("{}: {}, loss {:.4g}, {}", kNames[i], config_.through[i],
                                record_.points.back().measured.loss,
                                name_of(record_.points.back().measured.kind)));
    }
    if (record_.points.size() < 2) return;
    SlicePoint aligned = record_.points[1];  // whose loss and curvature it has
    aligned.name = "B aligned";
    aligned.source.clear();
    aligned.u = problem_.aligned;
    aligned.position = position_in(plane_, aligned.u);
    record_.points.push_back(std::move(aligned));
  }

  PointTolerances tolerances() const {
    const double scale = problem_.instance.curvature_scale();
    return {.gradient_scale = scale * std::sqrt(problem_.instance.sigma_1),
            .curvature_scale = scale};
  }

  double relative_error(std::span<const double> u) const {
    const SensingInstance& instance = problem_.instance;
    if (!instance.has_truth()) return std::numeric_limits<double>::quiet_NaN();
    MatrixSensing half_square =
        population_sensing(instance.truth_view(), problem_.rank(), *context_.team);
    const double half = claim_at(half_square, u, 0).losses.front();
    return std::sqrt(2 * half / squared_norm(std::span<const double>(instance.truth)));
  }

  SliceSegment segment_to(const char* name, const std::vector<double>& end) {
    SliceSegment segment;
    segment.name = name;
    segment.length = distance(problem_.a(), end);
    segment.loss = loss_segment(problem_.a(), end, config_.segment_points, kSlicePaths,
                                member_losses(objective_));
    segment.barrier = barrier_of(segment.loss);
    return segment;
  }

  // Over a square around the points that lie in the plane.
  void slice_plane() {
    PlanePosition low, high{1, 0, 0};
    for (const SlicePoint& at : record_.points) {
      if (at.position.distance > kOnLine * norm(plane_.first)) continue;
      low = {std::min(low.x, at.position.x), std::min(low.y, at.position.y), 0};
      high = {std::max(high.x, at.position.x), std::max(high.y, at.position.y), 0};
    }
    const PlanePosition middle{(low.x + high.x) / 2, (low.y + high.y) / 2, 0};
    const double reach = kReach / 2 * std::max(high.x - low.x, high.y - low.y);
    record_.slice = polynomial_slice(
        objective_, plane_, equidistant(middle.x - reach, middle.x + reach, config_.points),
        equidistant(middle.y - reach, middle.y + reach, config_.points), kDegree);
    if (config_.iterations == 0 || context_.interrupted()) return;
    DescentOptions descent;
    descent.max_steps = config_.iterations;
    descent.learning_rate = kPathStep / problem_.instance.curvature_scale();
    descent.gradient_tolerance = kPathTolerance * tolerances().gradient_scale;
    descent.divergence_factor = kPathDivergence;
    record_.paths = descend_in_plane(objective_, plane_, slice_starts(middle, kPathReach * reach),
                                     descent, *context_.team);
  }

  const SliceConfig& config_;
  const SliceProblem& problem_;
  const StudyContext& context_;
  MatrixSensing objective_;
  SlicePlane plane_;
  SliceRecord record_;
};

Json configuration_of(const SliceConfig& config, const SensingInstance& instance) {
  Json json = {{"through", config.through}};
  add_dimension(config, instance, json);
  add_measurements(config, instance, json);
  add_truth(config, json);
  json["points"] = config.points;
  json["segment-points"] = config.segment_points;
  json["iterations"] = config.iterations;
  json["seed"] = config.instance.seed;
  return json;
}

std::pair<Termination, std::string> summary_of(const SliceRecord& record, bool interrupted) {
  if (interrupted) return {Termination::interrupted, "interrupted before the slice was finished"};
  return {Termination::converged,
          fmt::format("barrier {:.4g} as given, {:.4g} aligned", record.segments[0].barrier.height,
                      record.segments[1].barrier.height)};
}

}  // namespace

void check(const SliceConfig& config) {
  OptionCheck options("slice");
  check_instance(config, options);
  options.demand(config.through.size() == 2 || config.through.size() == 3, "through",
                 "two end points or three points", config.through.size());
  options.demand(config.points >= 3 && config.points <= 501, "points", "3 to 501", config.points);
  options.demand(config.segment_points >= 3 && config.segment_points <= 100'001, "segment points",
                 "3 to 100001", config.segment_points);
  options.demand(config.iterations >= 0 && config.iterations <= 1'000'000, "iterations",
                 "0 to 1000000", config.iterations);
  options.report();
}

StudyOutcome run_slice(const SliceConfig& config, const StudyContext& context) {
  check(config);
  const Timer timer;
  const SliceProblem problem = prepare(config, *context.team);
  const double instance_seconds = timer.elapsed_seconds();
  const SliceRecord record = Slicing(config, problem, context).run();
  write_slice(context.folder, record, problem.instance.truth);
  Manifest manifest;
  manifest.kind = "slice";
  manifest.configuration = configuration_of(config, problem.instance);
  manifest.results = slice_results(record);
  manifest.timing = {{"instance_seconds", instance_seconds},
                     {"slice_seconds", timer.elapsed_seconds() - instance_seconds}};
  const auto [termination, message] = summary_of(record, context.interrupted());
  return finish_study(context, std::move(manifest), termination, message);
}

}  // namespace ravine
