#include "ravine/report/figure_layout.hpp"

#include <algorithm>

namespace ravine::report {

namespace {

constexpr double kTitleBaseline = 26.0;
constexpr double kLegendTop = 52.0;
constexpr double kLegendLine = 21.0;
constexpr double kEntryGap = 22.0;
constexpr double kLeft = 74.0;  // tick labels and the label of y
constexpr double kRight = 20.0;
constexpr double kBottom = 58.0;       // tick labels and the label of x
constexpr double kBetweenRows = 30.0;  // tick labels alone
constexpr double kBetween = 56.0;
constexpr double kPanelTitle = 24.0;
constexpr double kAboveWithoutTitle = 8.0;

// gnuplot cannot measure text in the reader's font; this is a wide sans-serif at 12 pixels.
double text_width(const std::string& text) {
  const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return 7.2 * static_cast<double>(std::count_if(text.begin(), text.end(), is_first_byte));
}

void add_entry(std::vector<LegendEntry>& legend, const std::string& name, const Stroke& stroke,
               Marks marks) {
  const auto has_name = [&](const LegendEntry& entry) { return entry.name == name; };
  if (name.empty() || std::any_of(legend.begin(), legend.end(), has_name)) return;
  legend.push_back({name, stroke, marks});
}

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

// Flows the entries into lines; returns where the last line ends.
double flow(std::vector<LegendEntry>& legend) {
  double x = kLeft;
  double y = kLegendTop;
  for (LegendEntry& entry : legend) {
    const double width = kSampleWidth + kSampleGap + text_width(entry.name);
    if (x > kLeft && x + width > kFigureWidth - kRight) {
      x = kLeft;
      y += kLegendLine;
    }
    entry.x = x;
    entry.y = y;
    x += width + kEntryGap;
  }
  return legend.empty() ? kLegendTop - kLegendLine : y;
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
  const double first_row = flow(layout.legend) + kLegendLine * 0.5;
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
