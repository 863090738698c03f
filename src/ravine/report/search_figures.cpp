#include "ravine/report/search_figures.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "ravine/report/run_tables.hpp"

namespace ravine::report {

namespace {

// Marks at (x, y), sorted by x.
Series scatter(std::string name, const std::vector<double>& x, const std::vector<double>& y,
               std::string_view colour, Marks marks) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](auto a, auto b) { return x[a] < x[b]; });
  const RowGroup sorted{"", std::move(order)};
  return {std::move(name), pick(x, sorted), pick(y, sorted),
          Stroke{std::string(colour), std::string(kSolid), 1.5}, marks};
}

Series listed_points(const RunRecord& run) {
  const CsvTable& list = run.table("critical_list.csv");
  return scatter("theory's list", list.numbers("loss"), list.numbers("smallest_eigenvalue"), kGrey,
                 Marks::kRings);
}

Series curve(std::string name, const std::vector<double>& x, const std::vector<double>& y,
             std::string_view colour, std::string_view dash) {
  return {std::move(name), x, y, Stroke{std::string(colour), std::string(dash)}};
}

}  // namespace

LineFigure critical_points_figure(const RunRecord& run) {
  const CsvTable& table = run.table("critical_points.csv");
  const auto loss = table.numbers("loss");
  const auto smallest = table.numbers("smallest_eigenvalue");
  const auto verdict = table.texts("verdict");
  LineFigure figure;
  figure.name = "critical-points";
  figure.title = "Critical points found by searches";
  figure.caption =
      "Every critical point that searches for a zero gradient found, by its loss and the smallest "
      "eigenvalue of its Hessian; rings are the list that theory gives for the population loss, "
      "one for each subset of the eigenpairs of X*. Strict saddles lie below zero, minima on it "
      "or above. Other dots of the sampled loss are saddles that sampling makes, or, on zero or "
      "above, minima: at loss zero the truth or another matrix that fits, elsewhere spurious.";
  for (const RowGroup& kind : rows_by(table, "loss_kind")) {
    Panel panel{fmt::format("{} loss", kind.key),
                {"loss", Scale::kLinear, false, {}},
                {"smallest eigenvalue", Scale::kLinear, false, {}},
                {},
                {{"zero", 0.0}}};
    if (run.has_table("critical_list.csv")) panel.series.push_back(listed_points(run));
    for (const auto& [wanted, colour] :
         {std::pair{"strict saddle", kVermillion}, std::pair{"minimum", kBlue}}) {
      RowGroup rows{"", {}};
      for (const std::size_t row : kind.rows) {
        if (verdict[row] == wanted) rows.rows.push_back(row);
      }
      panel.series.push_back(
          scatter(wanted, pick(loss, rows), pick(smallest, rows), colour, Marks::kDots));
    }
    figure.panels.push_back(std::move(panel));
  }
  figure.columns = columns_for(figure.panels.size());
  return figure;
}

LineFigure escape_figure(const RunRecord& run) {
  const CsvTable& table = run.table("escape.csv");
  const auto iteration = table.numbers("iteration");
  const auto leading = table.numbers("leading");
  const auto rest = table.numbers("rest");
  auto predicted = table.numbers("predicted");
  const double arrival = std::sqrt(run.number("/results/sigma_1"));
  // The straight line says nothing of what lies beyond the truth.
  for (double& size : predicted) size = size <= 3 * arrival ? size : NAN;
  LineFigure figure;
  figure.name = "escape";
  figure.title = "Escape from the saddle at 0";
  figure.caption =
      "Descent from a point 10⁻⁸√σ₁ away from 0: the part of U along the leading eigenvector of "
      "the "
      "Hessian at 0, the rest of U, and the prediction (1 + 2ηλ)ᵗ with λ the eigenvalue: σ₁ for "
      "the population, its sampled counterpart for the sample. On a log axis constant growth is a "
      "straight line; it ends where U has reached the size of the truth.";
  for (const RowGroup& kind : rows_by(table, "loss_kind")) {
    const std::vector<double> t = pick(iteration, kind);
    figure.panels.push_back(
        {fmt::format("{} loss", kind.key),
         {"iteration t", Scale::kLinear, true, {}},
         {"size", Scale::kLog10, false, {}},
         {curve("along the leading eigenvector", t, pick(leading, kind), kBlue, kSolid),
          curve("the rest", t, pick(rest, kind), kVermillion, kDashed),
          curve("predicted", t, pick(predicted, kind), kBlack, kDotted)},
         {{"√σ₁", arrival}}});
  }
  figure.columns = columns_for(figure.panels.size());
  return figure;
}

}  // namespace ravine::report
