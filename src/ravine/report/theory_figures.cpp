#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/report/number_text.hpp"
#include "ravine/report/run_figures.hpp"
#include "ravine/report/run_tables.hpp"

namespace ravine::report {

namespace {

const Axis kIterations{"iteration t", Scale::kLinear, true, {}};

Stroke stroke(std::string_view colour, std::string_view dash, double width) {
  return {std::string(colour), std::string(dash), width};
}

std::string alpha_name(const std::string& alpha) {
  return fmt::format("α = {}", power_text(std::stod(alpha)));
}

/// The sizes of all modes of one alpha, then both predictions over them.
Panel mode_panel(const CsvTable& table, const RowGroup& member) {
  const std::vector<double> iteration = pick(table.numbers("iteration"), member);
  const std::vector<double> mode = pick(table.numbers("mode"), member);
  const std::vector<double> size = pick(table.numbers("size"), member);
  const std::vector<double> power = pick(table.numbers("power"), member);
  const std::vector<double> recursion = pick(table.numbers("recursion"), member);
  Panel panel{
      alpha_name(member.key), kIterations, {"size of a mode", Scale::kLog10, false, {}}, {}, {}};
  const auto add = [&](const char* name, const std::vector<double>& values, const Stroke& look) {
    const double modes = *std::ranges::max_element(mode);
    for (double k = 1.0; k <= modes; ++k) {
      Series series{name, {}, {}, look};
      for (std::size_t row = 0; row < mode.size(); ++row) {
        if (mode[row] != k) continue;
        series.x.push_back(iteration[row]);
        series.y.push_back(values[row]);
      }
      panel.series.push_back(std::move(series));
    }
  };
  add("measured", size, stroke(kSkyBlue, kSolid, 4.0));
  add("s(1 + 2η(λ − s²))", recursion, stroke(kBlack, kDashed, 1.2));
  add("power method", power, stroke(kVermillion, kDotted, 1.8));
  return panel;
}

LineFigure mode_figure(const CsvTable& table) {
  LineFigure figure;
  figure.name = "modes";
  figure.title = "Modes of U, measured and predicted";
  figure.caption =
      "The size ‖qᵀU‖ of U along each leading eigenvector q of the adjoint at 0 (light), against "
      "the iteration on a log axis. Dotted: growth by 1 + 2ηλ an iteration, the power method, "
      "drawn until it passes √λ₁. Dashed: the recursion of a mode that meets no other. Where light "
      "and dashed lines part, the modes have met or turned.";
  const std::vector<RowGroup> members = rows_by(table, "alpha");
  for (const RowGroup& member : members) figure.panels.push_back(mode_panel(table, member));
  figure.columns = columns_for(members.size());
  figure.panel_height = members.size() <= 1 ? 280.0 : 200.0;
  return figure;
}

/// Measured half times of every alpha over one prediction; on the line they are equal.
Panel half_time_panel(const CsvTable& table, const std::string& column, const std::string& title) {
  const std::vector<double> predicted = table.numbers(column);
  const std::vector<double> measured = table.numbers("half_time");
  Panel panel{title,
              {"predicted iteration", Scale::kLinear, false, {}},
              {"measured iteration", Scale::kLinear, false, {}},
              {},
              {}};
  double end = 0.0;
  const std::vector<RowGroup> members = rows_by(table, "alpha");
  for (std::size_t i = 0; i < members.size(); ++i) {
    std::vector<std::pair<double, double>> points;
    for (const std::size_t row : members[i].rows) {
      if (std::isnan(predicted[row]) || !(measured[row] > 0.0)) continue;
      points.emplace_back(predicted[row], measured[row]);
      end = std::max({end, predicted[row], measured[row]});
    }
    std::ranges::sort(points);
    Series series{
        alpha_name(members[i].key), {}, {}, series_stroke(i, members.size()), Marks::kDots};
    for (const auto& [x, y] : points) {
      series.x.push_back(x);
      series.y.push_back(y);
    }
    if (!points.empty()) panel.series.push_back(std::move(series));
  }
  panel.series.push_back({"as predicted", {0.0, end}, {0.0, end}, stroke(kGrey, kDashed, 1.2)});
  return panel;
}

bool has_numbers(const CsvTable& table, const std::string& column) {
  return std::ranges::any_of(table.numbers(column), [](double x) { return std::isfinite(x); });
}

LineFigure half_time_figure(const CsvTable& table) {
  LineFigure figure;
  figure.name = "half-times";
  figure.title = "When each mode is learned";
  figure.caption =
      "The iteration at which a mode has half its final size, against the iteration predicted, a "
      "dot for each mode that had settled. Modes of larger eigenvalues come first. On the dashed "
      "line prediction and measurement agree.";
  figure.panels = {half_time_panel(table, "half_time_by_size", "from the size at the start")};
  if (has_numbers(table, "half_time_by_scale")) {
    figure.panels.push_back(half_time_panel(table, "half_time_by_scale", "ln(1/α) / 2ησ"));
  }
  figure.columns = figure.panels.size();
  figure.same_y = false;
  figure.panel_height = 260.0;
  return figure;
}

}  // namespace

std::vector<FigureScript> theory_figures(const RunRecord& run) {
  if (!run.has_table("modes.csv")) return {};
  std::vector<FigureScript> figures{script_of(mode_figure(run.table("modes.csv")))};
  const CsvTable& half_times = run.table("half_times.csv");
  if (has_numbers(half_times, "half_time")) {
    figures.push_back(script_of(half_time_figure(half_times)));
  }
  return figures;
}

}  // namespace ravine::report
