#include "ravine/study/landscape_descent.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "ravine/descent/descend.hpp"
#include "ravine/optimizer/gradient_descent.hpp"

namespace ravine {

namespace {

constexpr double kGradientTolerance = 1e-8;  // in units of the problem
constexpr double kDivergenceFactor = 1e6;

// Shows how a descent goes and ends it when the user asks.
class Watch : public Observer<double> {
 public:
  Watch(std::string phase, std::int64_t iterations, const StudyContext& context)
      : phase_(std::move(phase)), iterations_(iterations), context_(context) {}

  void on_step(const StepEvent<double>& event, StopRequests& requests) override {
    context_.progress({phase_, event.step, iterations_, event.elapsed_seconds});
    if (context_.interrupted()) {
      requests.stop_all(Termination::interrupted,
                        fmt::format("interrupted after {} steps", event.step));
    }
  }

 private:
  std::string phase_;
  std::int64_t iterations_;
  const StudyContext& context_;
};

DescentOptions descent_options(const LandscapeProblem& problem,
                               const LandscapeDescentOptions& options) {
  DescentOptions descent;
  descent.max_steps = options.iterations;
  descent.learning_rate = options.step / problem.sigma.front();
  descent.gradient_tolerance = kGradientTolerance * tolerances_of(problem).gradient_scale;
  descent.divergence_factor = kDivergenceFactor;
  return descent;
}

// Where a point comes from; `kept` columns of a saddle, or all for a random start.
struct Origin {
  std::size_t kept;
  std::vector<double> start;
};

std::vector<Origin> origins_of(const LandscapeProblem& problem, LossKind kind,
                               const LandscapeDescentOptions& options) {
  std::vector<Origin> origins;
  for (std::size_t k = 1; kind == LossKind::sampled && k < problem.rank; ++k) {
    origins.push_back({k, truncated_factor(problem, k)});
  }
  for (std::size_t s = 1; s <= options.starts; ++s) {
    origins.push_back(
        {problem.rank, random_factor(problem, options.seed, fmt::format("landscape start {}", s))});
  }
  return origins;
}

// Descends all members of `objective` from `start` in place.
std::vector<MemberResult> descend_from(MatrixSensing& objective, std::vector<double>& start,
                                       const DescentOptions& options, LossKind kind,
                                       const StudyContext& context) {
  Watch watch(fmt::format("descent of the {} loss", name_of(kind)), options.max_steps, context);
  Observer<double>* const observers[] = {&watch};
  return descend(objective, GradientDescent{}, std::span(start), options, observers, *context.team)
      .members;
}

// One after the other: the population loss has no pass over measurements to share.
std::vector<MemberResult> descend_population(const LandscapeProblem& problem,
                                             std::vector<Origin>& origins,
                                             const DescentOptions& options,
                                             const StudyContext& context) {
  std::vector<MemberResult> results;
  MatrixSensing objective =
      population_sensing(problem.instance.truth_view(), problem.rank, *context.team);
  for (Origin& origin : origins) {
    results.push_back(
        descend_from(objective, origin.start, options, LossKind::population, context).front());
  }
  return results;
}

// All at once, as members of one objective.
std::vector<MemberResult> descend_sampled(const LandscapeProblem& problem,
                                          std::vector<Origin>& origins,
                                          const DescentOptions& options,
                                          const StudyContext& context) {
  if (origins.empty()) return {};
  std::vector<std::string> names;
  std::vector<double> flat;
  for (const Origin& origin : origins) {
    names.push_back(fmt::format("{}", names.size()));
    flat.insert(flat.end(), origin.start.begin(), origin.start.end());
  }
  const SensingInstance& instance = problem.instance;
  const OperatorChoice choice = choose_operator(instance, names.size(), options.max_steps + 1, {});
  MatrixSensing objective(make_operator(choice.kind, instance, *context.team), problem.rank, names,
                          *context.team);
  std::vector<MemberResult> results =
      descend_from(objective, flat, options, LossKind::sampled, context);
  for (std::size_t k = 0; k < origins.size(); ++k) {
    const ParameterBlock& block = objective.layout().blocks()[k];
    const std::span<const double> end = std::span(flat).subspan(block.offset, block.size());
    origins[k].start.assign(end.begin(), end.end());
  }
  return results;
}

}  // namespace

std::vector<DescendedPoint> descended_points(const LandscapeProblem& problem, LossKind kind,
                                             const LandscapeDescentOptions& options,
                                             const StudyContext& context) {
  std::vector<Origin> origins = origins_of(problem, kind, options);
  const DescentOptions descent = descent_options(problem, options);
  std::vector<MemberResult> results = kind == LossKind::population
                                          ? descend_population(problem, origins, descent, context)
                                          : descend_sampled(problem, origins, descent, context);
  std::vector<DescendedPoint> points;
  std::size_t random_starts = 0;
  for (std::size_t k = 0; k < origins.size(); ++k) {
    std::vector<double>& end = origins[k].start;
    LandscapePoint point =
        origins[k].kept < problem.rank
            ? saddle_point(problem, kind, origins[k].kept, std::move(end))
            : minimum_point(problem, kind, fmt::format("descent {}", ++random_starts),
                            std::move(end));
    points.push_back({std::move(point), std::move(results[k])});
  }
  return points;
}

}  // namespace ravine
