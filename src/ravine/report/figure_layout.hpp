#pragma once

#include <vector>

#include "ravine/report/canvas.hpp"
#include "ravine/report/figure.hpp"
#include "ravine/report/legend.hpp"

namespace ravine::report {

inline constexpr double kFigureWidth = 760.0;

/// Where everything of a figure stands: the legend above the panels, so it never covers data.
struct FigureLayout {
  double height = 0.0;
  double title_y = 0.0;
  std::vector<LegendEntry> legend;  // every name once, wrapped into lines
  std::vector<Rectangle> panels;    // the plot areas, row by row
};

FigureLayout layout_of(const LineFigure& figure);

/// How a reference line is drawn.
Stroke reference_stroke();

}  // namespace ravine::report
