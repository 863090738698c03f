#include "ravine/report/slice_figures.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "ravine/report/number_text.hpp"
#include "ravine/report/run_tables.hpp"

namespace ravine::report {

namespace {

std::vector<double> distinct(std::vector<double> values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

std::string title_of(const std::string& measurements) {
  return measurements == "0" ? "population loss" : fmt::format("sampled, m = {}", measurements);
}

// Of the population loss. Rank 1: 0 and ±u*. Higher ranks: the nine of the plane.
std::vector<Series> critical_points(bool rank_one) {
  const Stroke black{std::string(kBlack), std::string(kSolid), 1.5};
  Series minima{"minimum of the population loss", {}, {}, black, Marks::kDots};
  Series saddles{"strict saddle of the population loss", {}, {}, black, Marks::kRings};
  for (const double x : {-1.0, 0.0, 1.0}) {
    for (const double y : {-1.0, 0.0, 1.0}) {
      if (rank_one && y != 0) continue;
      Series& kind = x != 0 && (rank_one || y != 0) ? minima : saddles;
      kind.x.push_back(x);
      kind.y.push_back(y);
    }
  }
  return {minima, saddles};
}

std::vector<Series> paths_of(const CsvTable& table, const std::string& measurements) {
  for (const RowGroup& group : rows_by(table, "measurements")) {
    if (group.key == measurements) return descent_paths(table, group.rows);
  }
  return {};
}

}  // namespace

ContourPanel loss_panel(const CsvTable& table, const std::vector<std::size_t>& rows) {
  const RowGroup group{"", rows};
  ContourPanel panel;
  panel.x = distinct(pick(table.numbers("x"), group));
  panel.y = distinct(pick(table.numbers("y"), group));
  const std::vector<double> loss = pick(table.numbers("loss"), group);
  for (std::size_t i = 0; i < panel.y.size(); ++i) {
    const auto begin = loss.begin() + static_cast<std::ptrdiff_t>(i * panel.x.size());
    panel.values.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(panel.x.size()));
  }
  return panel;
}

std::vector<Series> descent_paths(const CsvTable& table, const std::vector<std::size_t>& rows) {
  const auto path = table.numbers("path");
  const auto x = table.numbers("x");
  const auto y = table.numbers("y");
  std::map<double, RowGroup> by_path;
  for (const std::size_t row : rows) by_path[path[row]].rows.push_back(row);
  std::vector<Series> paths;
  for (const auto& [number, group] : by_path) {
    paths.push_back({"gradient descent", pick(x, group), pick(y, group),
                     Stroke{std::string(kVermillion), std::string(kSolid), 1.5}});
  }
  return paths;
}

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
      "first drawn to a saddle and then leave it. In every panel dots and rings mark the critical "
      "points of the population loss: {}",
      rank_one ? "0, ±u* and a random direction"
               : "critical points: each axis scales one of the two leading factors of X*",
      rank_one ? "they are critical points of the sampled losses, too."
               : "the minima and 0 are critical points of the sampled losses, too, the other "
                 "saddles are not; those of the sampled losses lie elsewhere.");
  figure.x_label = rank_one ? "along u*" : "along √σ₁ q₁";
  figure.y_label = rank_one ? "along a random direction" : "along √σ₂ q₂";
  figure.value_label = "loss";
  for (const RowGroup& group : rows_by(table, "measurements")) {
    ContourPanel panel = loss_panel(table, group.rows);
    panel.title = title_of(group.key);
    panel.paths = paths_of(run.table("slice_paths.csv"), group.key);
    panel.points = critical_points(rank_one);
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
                    {"largest difference, over the loss at 0", Scale::kLog10, false, {}},
                    {{"instances", table.numbers("measurements"), table.numbers("largest"),
                      Stroke{std::string(kSkyBlue), std::string(kSolid), 1.5}, Marks::kDots}},
                    {}}};
  figure.panels[0].series.push_back(std::move(means));
  figure.panels[0].series.push_back(std::move(line));
  return figure;
}

}  // namespace ravine::report
