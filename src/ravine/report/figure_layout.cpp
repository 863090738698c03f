#include "ravine/report/figure_layout.hpp"

#include <algorithm>

namespace ravine::report {

namespace {

constexpr double kTitleBaseline = 26.0;
constexpr double kLeft = 74.0;  // tick labels and the label of y
constexpr double kRight = 20.0;
constexpr double kBottom = 58.0;       // tick labels and the label of x
constexpr double kBetweenRows = 30.0;  // tick labels alone
constexpr double kBetween = 56.0;
constexpr double kPanelTitle = 24.0;
constexpr double kAboveWithoutTitle = 8.0;

std::vector<LegendEntry> entries_of(const LineFigure& figure) {
  std::vector<LegendEntry> legend;
  for (const Panel& panel : figure.panels) {
    for (const Series& series : panel.series) {
      add_entry(legend, series.name, series.stroke, series.marks);
    }
  }
  for (const Panel& panel : figure.panels) {
    for (const ReferenceLine& line : panel.references) {
      add_entry(legend, line.name, reference_stroke(), Marks::kNone);
    }
  }
  return legend;
}

bool has_panel_titles(const LineFigure& figure) {
  return std::any_of(figure.panels.begin(), figure.panels.end(),
                     [](const Panel& panel) { return !panel.title.empty(); });
}

}  // namespace

std::size_t columns_for(std::size_t panels) {
  if (panels <= 1) return 1;
  return panels == 2 || panels == 4 ? 2 : 3;
}

Stroke reference_stroke() { return {std::string(kGrey), std::string(kDotted), 1.5}; }

FigureLayout layout_of(const LineFigure& figure) {
  FigureLayout layout;
  layout.title_y = kTitleBaseline;
  layout.legend = entries_of(figure);
  const double above = has_panel_titles(figure) ? kPanelTitle : kAboveWithoutTitle;
  const double row_height = above + figure.panel_height + kBetweenRows;
  const double first_row = flow(layout.legend, kLeft, kFigureWidth - kRight) + kLegendLine * 0.5;
  const auto columns = static_cast<double>(figure.columns);
  const double panel_width = (kFigureWidth - kLeft - kRight - kBetween * (columns - 1.0)) / columns;
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    const auto row = static_cast<double>(i / figure.columns);
    const auto column = static_cast<double>(i % figure.columns);
    const double left = kLeft + column * (panel_width + kBetween);
    const double top = first_row + row * row_height + above;
    layout.panels.push_back({left, top, left + panel_width, top + figure.panel_height});
    layout.height = top + figure.panel_height + kBottom;
  }
  return layout;
}

}  // namespace ravine::report
