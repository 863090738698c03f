#include "ravine/study/landscape_record.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "ravine/data/npz.hpp"
#include "ravine/record/csv_writer.hpp"
#include "ravine/study/landscape_search_record.hpp"
#include "ravine/study/landscape_slice_record.hpp"

namespace ravine {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The larger deviation of a spectrum's two ends from the population's; NaN where no formula has it.
double curvature_deviation(const ExaminedPoint& at) {
  if (!at.point.expected_curvature) return kNaN;
  return std::max(
      std::abs(at.measured.curvature.smallest.value - at.point.expected_curvature->low),
      std::abs(at.measured.curvature.largest.value - at.point.expected_curvature->high));
}

double largest_deviation(const LandscapeRecord& record, LossKind kind) {
  double largest = 0;
  for (const ExaminedPoint& at : record.points) {
    const double deviation = curvature_deviation(at);
    if (at.kind == kind && deviation > largest) largest = deviation;
  }
  return largest;
}

std::string name_in_arrays(const ExaminedPoint& at) {
  return fmt::format("point.{}.{}", name_of(at.kind), at.point.name);
}

}  // namespace

void write_points(const std::filesystem::path& folder, const LandscapeRecord& record) {
  CsvWriter table(
      folder / "points.csv",
      {"loss_kind", "point", "loss", "gradient_norm", "relative_gradient_norm",
       "smallest_eigenvalue", "largest_eigenvalue", "expected_smallest", "expected_largest",
       "verdict", "expected_verdict", "distance_to_truth", "smallest_low", "smallest_high",
       "largest_low", "largest_high", "smallest_residual", "largest_residual", "agrees"});
  for (const ExaminedPoint& at : record.points) {
    const PointExamination& measured = at.measured;
    const SpectrumEnds& curvature = measured.curvature;
    const Range expected = at.point.expected_curvature.value_or(Range{kNaN, kNaN});
    const CurvatureRanges allowed =
        at.point.allowed_curvature.value_or(CurvatureRanges{{kNaN, kNaN}, {kNaN, kNaN}});
    table.row(name_of(at.kind), at.point.name, measured.loss, measured.gradient_norm,
              measured.relative_gradient_norm, curvature.smallest.value, curvature.largest.value,
              expected.low, expected.high, name_of(measured.kind), name_of(at.point.expected),
              at.distance_to_truth, allowed.smallest.low, allowed.smallest.high,
              allowed.largest.low, allowed.largest.high, curvature.smallest.residual,
              curvature.largest.residual, at.agrees ? "yes" : "no");
  }
  table.close();
}

void write_point_arrays(const std::filesystem::path& folder, const LandscapeProblem& problem,
                        const LandscapeRecord& record) {
  std::vector<NamedArray> entries;
  for (const ExaminedPoint& at : record.points) {
    entries.push_back({name_in_arrays(at), {{problem.dimension(), problem.rank}, at.point.u}});
  }
  for (const CriticalPointSearch& search : record.searches) {
    for (std::size_t i = 0; i < search.points.size(); ++i) {
      entries.push_back({fmt::format("critical.{}.{}", name_of(search.kind), i + 1),
                         {{problem.dimension(), problem.rank}, search.points[i].u}});
    }
  }
  const std::size_t d = problem.dimension();
  entries.push_back({"X_true", {{d, d}, problem.instance.truth}});
  write_npz(folder / "arrays.npz", entries);
}

Json landscape_results(const LandscapeProblem& problem, const LandscapeRecord& record) {
  const double sigma_1 = problem.sigma.front();
  Json disagreeing = Json::array();
  for (const ExaminedPoint& at : record.points) {
    if (!at.agrees) disagreeing.push_back(fmt::format("{} {}", name_of(at.kind), at.point.name));
  }
  Json descents = Json::array();
  for (const DescentRecord& descent : record.descents) {
    descents.push_back({{"loss_kind", name_of(descent.kind)},
                        {"point", descent.point},
                        {"termination", name_of(descent.result.termination)},
                        {"message", descent.result.message},
                        {"iterations", descent.result.steps},
                        {"loss", descent.result.loss},
                        {"gradient_norm", descent.result.gradient_norm}});
  }
  const double population = largest_deviation(record, LossKind::population) / sigma_1;
  const double sampled = largest_deviation(record, LossKind::sampled) / sigma_1;
  return {{"sigma_1", sigma_1},
          {"truth_singular_values", problem.sigma},
          {"points", record.points.size()},
          {"agree", record.points.size() - disagreeing.size()},
          {"disagreeing", disagreeing},
          {"largest_eigenvalue_deviation", std::max(population, sampled)},
          {"population_eigenvalue_deviation", population},
          {"sampled_eigenvalue_deviation", sampled},
          {"descents", descents},
          {"searches", searches_json(problem, record.searches)},
          {"escapes", escapes_json(record.escapes)},
          {"slices", record.slices ? slices_json(*record.slices) : Json(nullptr)}};
}

}  // namespace ravine
