#include "ravine/study/sense_comparators.hpp"

#include <cmath>
#include <utility>

#include "ravine/base/timer.hpp"
#include "ravine/study/minimum_norm.hpp"
#include "ravine/study/trace_minimisation.hpp"

namespace ravine {

namespace {

constexpr double kMinimumNormTolerance = 1e-10;
constexpr int kMinimumNormIterations = 20'000;
constexpr double kTraceTolerance = 1e-9;
constexpr int kTraceIterations = 5000;

double relative_distance(std::span<const double> x, std::span<const double> truth) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    difference += (x[i] - truth[i]) * (x[i] - truth[i]);
    norm += truth[i] * truth[i];
  }
  return std::sqrt(difference / norm);
}

}  // namespace

std::vector<ComparatorResult> run_comparators(const SenseConfig& config,
                                              const SensingInstance& instance, ThreadTeam& team) {
  std::vector<ComparatorResult> results;
  if (config.minimum_norm) {
    const Timer timer;
    MinimumNormSolution found =
        minimum_norm_solution(instance, kMinimumNormTolerance, kMinimumNormIterations, team);
    results.push_back({"minimum_norm", std::move(found.x), found.relative_residual,
                       found.iterations, found.relative_residual <= kMinimumNormTolerance,
                       timer.elapsed_seconds()});
  }
  if (config.trace_minimisation) {
    const Timer timer;
    TraceMinimisationSolution found =
        trace_minimisation(instance, kTraceTolerance, kTraceIterations, team);
    results.push_back({"trace_minimisation", std::move(found.x), found.relative_residual,
                       found.iterations, found.converged, timer.elapsed_seconds()});
  }
  return results;
}

void add_comparators(const std::vector<ComparatorResult>& comparators,
                     const SensingInstance& instance, Json& results, Json& timing) {
  for (const ComparatorResult& found : comparators) {
    if (instance.has_truth()) {
      results[found.name + "_relative_error"] = relative_distance(found.x, instance.truth);
    }
    results[found.name + "_iterations"] = found.iterations;
    results[found.name + "_relative_residual"] = found.relative_residual;
    results[found.name + "_converged"] = found.converged;
    timing[found.name + "_seconds"] = found.seconds;
  }
}

}  // namespace ravine
