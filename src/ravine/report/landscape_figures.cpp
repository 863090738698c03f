#include <fmt/format.h>

#include "ravine/report/number_text.hpp"
#include "ravine/report/run_figures.hpp"
#include "ravine/report/run_tables.hpp"
#include "ravine/report/search_figures.hpp"
#include "ravine/report/slice_figures.hpp"

namespace ravine::report {

namespace {

struct EigenvalueColumns {
  std::vector<double> smallest, largest, expected_smallest, expected_largest;
};

Series marks(std::string name, const std::vector<double>& y, std::string_view colour, Marks mark) {
  std::vector<double> x;
  for (std::size_t i = 0; i < y.size(); ++i) x.push_back(static_cast<double>(i));
  return {std::move(name), std::move(x), y, Stroke{std::string(colour), std::string(kSolid), 1.5},
          mark};
}

Panel panel_of(const RowGroup& kind, const std::vector<std::string>& points,
               const EigenvalueColumns& columns) {
  std::vector<std::string> names;
  for (const std::size_t row : kind.rows) names.push_back(with_minus_sign(points[row]));
  const auto of = [&](const std::vector<double>& column) { return pick(column, kind); };
  return {fmt::format("{} loss", kind.key),
          {"", Scale::kLinear, false, std::move(names)},
          {"eigenvalue of the Hessian", Scale::kLinear, false, {}},
          {marks("largest, expected", of(columns.expected_largest), kVermillion, Marks::kRings),
           marks("largest, measured", of(columns.largest), kVermillion, Marks::kDots),
           marks("smallest, expected", of(columns.expected_smallest), kBlue, Marks::kRings),
           marks("smallest, measured", of(columns.smallest), kBlue, Marks::kDots)},
          {{"zero", 0.0}}};
}

}  // namespace

std::vector<FigureScript> landscape_figures(const RunRecord& run) {
  const CsvTable& table = run.table("points.csv");
  const EigenvalueColumns columns{
      table.numbers("smallest_eigenvalue"), table.numbers("largest_eigenvalue"),
      table.numbers("expected_smallest"), table.numbers("expected_largest")};
  LineFigure figure;
  figure.name = "eigenvalues";
  figure.title = "Curvature of the loss at every point";
  figure.caption =
      "Smallest (blue) and largest (vermillion) eigenvalue of the Hessian at every point, measured "
      "(dots) and from theory (rings). Where the gradient is zero, a smallest eigenvalue "
      "below zero is a way down: the point is a strict saddle; above zero it is a minimum.";
  const std::vector<std::string> points = table.texts("point");
  for (const RowGroup& kind : rows_by(table, "loss_kind")) {
    figure.panels.push_back(panel_of(kind, points, columns));
  }
  figure.columns = 1;
  figure.panel_height = 210.0;
  std::vector<FigureScript> figures;
  const auto add = [&](const LineFigure& drawn) {
    if (!drawn.panels.empty()) figures.push_back(script_of(drawn));
  };
  add(figure);
  if (run.has_table("critical_points.csv")) add(critical_points_figure(run));
  if (run.has_table("escape.csv")) add(escape_figure(run));
  if (run.has_table("slices.csv")) figures.push_back(script_of(slice_figure(run)));
  if (run.has("/results/slices/exponent_margin")) add(slice_deviation_figure(run));
  return figures;
}

}  // namespace ravine::report
