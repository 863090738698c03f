#include "ravine/study/landscape_search_record.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "ravine/record/csv_writer.hpp"

namespace ravine {

namespace {

// A cell for a count that may not be known.
double cell_of(const std::optional<std::size_t>& count) {
  return count ? static_cast<double>(*count) : std::numeric_limits<double>::quiet_NaN();
}

std::ptrdiff_t count_of(const CriticalPointSearch& search, PointKind kind) {
  return std::ranges::count_if(
      search.points, [&](const FoundPoint& point) { return point.measured.kind == kind; });
}

// Searches of the population loss that ended at a listed point.
std::size_t times_found(const std::vector<CriticalPointSearch>& searches,
                        const ListedPoint& listed) {
  std::size_t times = 0;
  for (const CriticalPointSearch& search : searches) {
    if (search.kind != LossKind::population) continue;
    for (const FoundPoint& point : search.points) {
      if (point.agrees && point.nearest.kept == listed.kept) times += point.found;
    }
  }
  return times;
}

void write_list(const std::filesystem::path& folder, const LandscapeProblem& problem,
                const std::vector<CriticalPointSearch>& searches) {
  CsvWriter table(folder / "critical_list.csv", {"kept", "loss", "smallest_eigenvalue",
                                                 "negative_directions", "verdict", "found"});
  for (const ListedPoint& point : listed_points(problem)) {
    table.row(name_of_kept(point.kept), point.loss, point.smallest_eigenvalue,
              point.negative_directions, name_of(point.kind), times_found(searches, point));
  }
  table.close();
}

void write_found(CsvWriter& table, LossKind kind, std::size_t number, const FoundPoint& at) {
  const PointExamination& measured = at.measured;
  const Eigenpair& smallest = measured.curvature.smallest;
  table.row(name_of(kind), number, at.found, name_of_kept(at.nearest.kept), measured.loss,
            at.nearest.loss, measured.gradient_norm, measured.relative_gradient_norm,
            smallest.value, smallest.residual, at.nearest.smallest_eigenvalue,
            cell_of(at.negative_directions), at.nearest.negative_directions,
            at.spectrum_deviation.value_or(std::numeric_limits<double>::quiet_NaN()),
            name_of(measured.kind), name_of(at.expected), at.distance_to_listed,
            at.distance_to_truth, at.agrees ? "yes" : "no");
}

}  // namespace

void write_searches(const std::filesystem::path& folder, const LandscapeProblem& problem,
                    const std::vector<CriticalPointSearch>& searches) {
  if (searches.empty()) return;
  CsvWriter table(
      folder / "critical_points.csv",
      {"loss_kind", "point", "found", "nearest", "loss", "nearest_loss", "gradient_norm",
       "relative_gradient_norm", "smallest_eigenvalue", "smallest_residual", "nearest_smallest",
       "negative_directions", "nearest_negative_directions", "spectrum_deviation", "verdict",
       "expected_verdict", "distance_to_nearest", "distance_to_truth", "agrees"});
  for (const CriticalPointSearch& search : searches) {
    for (std::size_t i = 0; i < search.points.size(); ++i) {
      write_found(table, search.kind, i + 1, search.points[i]);
    }
  }
  table.close();
  if (problem.rank <= kMostListedRank) write_list(folder, problem, searches);
}

void write_escapes(const std::filesystem::path& folder, const std::vector<Escape>& escapes) {
  CsvWriter table(folder / "escape.csv", {"loss_kind", "iteration", "leading", "rest", "predicted",
                                          "predicted_population"});
  for (const Escape& escape : escapes) {
    for (std::size_t t = 0; t < escape.leading.size(); ++t) {
      const double first = escape.leading.front();
      const auto iteration = static_cast<double>(t);
      table.row(name_of(escape.kind), t, escape.leading[t], escape.rest[t],
                first * std::pow(escape.own_growth, iteration),
                first * std::pow(escape.population_growth, iteration));
    }
  }
  table.close();
}

Json searches_json(const LandscapeProblem& problem,
                   const std::vector<CriticalPointSearch>& searches) {
  Json json = Json::array();
  for (const CriticalPointSearch& search : searches) {
    const auto agree = std::ranges::count_if(search.points, &FoundPoint::agrees);
    json.push_back({{"loss_kind", name_of(search.kind)},
                    {"starts", search.starts},
                    {"gradient_flat", search.gradient_flat},
                    {"unfinished", search.unfinished},
                    {"distinct", search.points.size()},
                    {"minima", count_of(search, PointKind::minimum)},
                    {"strict_saddles", count_of(search, PointKind::strict_saddle)},
                    {"agree", agree}});
    if (search.kind == LossKind::population && problem.rank <= kMostListedRank) {
      const std::vector<ListedPoint> listed = listed_points(problem);
      json.back()["listed"] = listed.size();
      json.back()["listed_found"] = std::ranges::count_if(
          listed, [&](const ListedPoint& point) { return times_found(searches, point) > 0; });
    }
  }
  return json;
}

Json escapes_json(const std::vector<Escape>& escapes) {
  Json json = Json::array();
  for (const Escape& escape : escapes) {
    json.push_back({{"loss_kind", name_of(escape.kind)},
                    {"learning_rate", escape.learning_rate},
                    {"population_growth", escape.population_growth},
                    {"own_growth", escape.own_growth},
                    {"measured_growth", escape.measured_growth},
                    {"allowed_growth", {escape.allowed_growth.low, escape.allowed_growth.high}},
                    {"fitted_iterations", escape.fitted},
                    {"left", escape.left ? Json(*escape.left) : Json(nullptr)},
                    {"predicted_left", escape.predicted_left},
                    {"agrees", escape.agrees()}});
  }
  return json;
}

std::string line_about(const CriticalPointSearch& search) {
  return fmt::format(
      "{:<10}  {} searches: {} distinct critical points, {} minima, {} strict saddles; {} stuck "
      "where the gradient is flat, {} unfinished",
      name_of(search.kind), search.starts, search.points.size(),
      count_of(search, PointKind::minimum), count_of(search, PointKind::strict_saddle),
      search.gradient_flat, search.unfinished);
}

std::string line_about(const Escape& escape) {
  return fmt::format(
      "{:<10}  leaves 0 by a factor of {:.6g} an iteration; predicted {:.6g} from its own Hessian, "
      "{:.6g} for the population",
      name_of(escape.kind), escape.measured_growth, escape.own_growth, escape.population_growth);
}

}  // namespace ravine
