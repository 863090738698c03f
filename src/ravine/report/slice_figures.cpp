#include "ravine/report/slice_figures.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "ravine/report/number_text.hpp"
#include "ravine/report/run_tables.hpp"

namespace ravine::report {

namespace {

constexpr std::string_view kPathColour = "#FFFFFF";

std::vector<double> distinct(std::vector<double> values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

std::string title_of(const std::string& measurements) {
  return measurements == "0" ? "population loss" : fmt::format("sampled, m = {}", measurements);
}

// Rank 1: 0 and ±u*. Higher ranks: the nine critical points of the plane.
std::vector<PlaneMark> critical_marks(bool rank_one) {
  std::vector<PlaneMark> marks;
  for (const int x : {-1, 0, 1}) {
    for (const int y : {-1, 0, 1}) {
      if (rank_one && y != 0) continue;
      const bool minimum = rank_one ? x != 0 : x != 0 && y != 0;
      marks.push_back({minimum ? "global minimum" : "strict saddle", static_cast<double>(x),
                       static_cast<double>(y), minimum ? Marks::kDots : Marks::kRings});
    }
  }
  return marks;
}

std::vector<Series> paths_of(const CsvTable& table, const std::string& measurements) {
  const auto path = table.numbers("path");
  const auto x = table.numbers("x");
  const auto y = table.numbers("y");
  std::vector<Series> paths;
  for (const RowGroup& group : rows_by(table, "measurements")) {
    if (group.key != measurements) continue;
    std::map<double, RowGroup> by_path;
    for (const std::size_t row : group.rows) by_path[path[row]].rows.push_back(row);
    for (const auto& [number, rows] : by_path) {
      paths.push_back({"gradient descent", pick(x, rows), pick(y, rows),
                       Stroke{std::string(kPathColour), std::string(kSolid), 1.3}});
    }
  }
  return paths;
}

ContourPanel panel_of(const CsvTable& table, const RowGroup& group) {
  ContourPanel panel;
  panel.title = title_of(group.key);
  panel.x = distinct(pick(table.numbers("x"), group));
  panel.y = distinct(pick(table.numbers("y"), group));
  const std::vector<double> loss = pick(table.numbers("loss"), group);
  for (std::size_t i = 0; i < panel.y.size(); ++i) {
    const auto begin = loss.begin() + static_cast<std::ptrdiff_t>(i * panel.x.size());
    panel.values.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(panel.x.size()));
  }
  return panel;
}

// A series a draw: of one series, dots of the same m would be thinned to the extreme ones.
std::vector<Series> instance_series(const CsvTable& table) {
  const auto m = table.numbers("measurements");
  const auto largest = table.numbers("largest");
  std::vector<Series> dots;
  for (const RowGroup& draw : rows_by(table, "draw")) {
    dots.push_back({"instances", pick(m, draw), pick(largest, draw),
                    Stroke{std::string(kSkyBlue), std::string(kSolid), 1.5}, Marks::kDots});
  }
  return dots;
}

}  // namespace

ContourFigure slice_figure(const RunRecord& run) {
  const CsvTable& table = run.table("slices.csv");
  const bool rank_one = run.number("/configuration/true-rank") == 1.0;
  ContourFigure figure;
  figure.name = "slices";
  figure.title = "The loss over a plane, and descents in it";
  figure.caption = fmt::format(
      "The population loss and the losses of m random measurements over a plane through {}, on a "
      "log scale of colour, with gradient descent from six points of the plane (projected on it; "
      "on the population loss it never leaves the plane). Descents that start next to a ridge are "
      "first drawn to a saddle and then leave it.",
      rank_one ? "0, ±u* and a random direction"
               : "critical points: each axis scales one of the two leading factors of X*");
  figure.x_label = rank_one ? "along u*" : "along √σ₁ q₁";
  figure.y_label = rank_one ? "along a random direction" : "along √σ₂ q₂";
  figure.value_label = "loss";
  for (const RowGroup& group : rows_by(table, "measurements")) {
    ContourPanel panel = panel_of(table, group);
    panel.paths = paths_of(run.table("slice_paths.csv"), group.key);
    panel.marks = critical_marks(rank_one);
    figure.panels.push_back(std::move(panel));
  }
  return figure;
}

LineFigure slice_deviation_figure(const RunRecord& run) {
  const CsvTable& table = run.table("slice_deviation.csv");
  LineFigure figure;
  figure.name = "slice-deviation";
  figure.title = "Sampled against population loss";
  figure.caption =
      "Largest difference of a sampled loss from the population's over the plane, over the "
      "population loss at 0, against the number of measurements m, both on log axes: every dot an "
      "instance of its own, their means, and the line fitted to the means. Sampling error falls as "
      "m to the power of −1/2.";
  const double slope = run.number("/results/slices/exponent");
  const double constant = run.number("/results/slices/constant");
  Series means{"mean", {}, {}, Stroke{std::string(kBlue), std::string(kSolid), 1.5}, Marks::kRings};
  Series line{fmt::format("fit: {} · m to the {}", number_text(constant), fixed_text(slope, 2)),
              {},
              {},
              Stroke{std::string(kVermillion), std::string(kDashed)}};
  for (const Json& mean : run.array("/results/slices/deviations")) {
    means.x.push_back(mean["measurements"].get<double>());
    means.y.push_back(mean["largest"].get<double>());
    line.x.push_back(means.x.back());
    line.y.push_back(constant * std::pow(means.x.back(), slope));
  }
  figure.panels = {{"",
                    {"measurements m", Scale::kLog10, false, {}},
                    {"largest difference", Scale::kLog10, false, {}},
                    instance_series(table),
                    {}}};
  figure.panels[0].series.push_back(std::move(means));
  figure.panels[0].series.push_back(std::move(line));
  return figure;
}

}  // namespace ravine::report
